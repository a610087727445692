import { InvalidError } from '#libs/kernel';

/**
 * A setting of the process has a value that cannot be used. `facts.setting` names it; its value is
 * not repeated, because it may be a password.
 */
export class SettingInvalid extends InvalidError<'setting_invalid'> {
  static mustBe(setting: string, must: string, options?: { cause?: unknown; hint?: string }) {
    const message = `${setting} must be ${must}`;
    return new SettingInvalid('setting_invalid', message, { setting }, options);
  }
}
