import { SettingInvalid } from '#libs/platform';

/** The services behind the front door. */
export const services = ['identity', 'ledger', 'window'] as const;
export type Service = (typeof services)[number];

/** The setting that names the processes of a service. */
export const settingOf = (service: Service) =>
  `${service.toUpperCase()}_URLS` as `${Uppercase<Service>}_URLS`;

/** Where the processes of each service answer, each as an origin. @throws SettingInvalid */
export const backendUrls = (env: NodeJS.ProcessEnv): Readonly<Record<Service, readonly URL[]>> => ({
  identity: origins(settingOf('identity'), env['IDENTITY_URLS']),
  ledger: origins(settingOf('ledger'), env['LEDGER_URLS']),
  window: origins(settingOf('window'), env['WINDOW_URLS']),
});

function origins(setting: string, value = ''): readonly URL[] {
  return value.split(',').map((each) => {
    const text = each.trim();
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== text)
      throw new SettingInvalid(
        'setting_invalid',
        `${setting} must be origins such as http://10.0.0.7:8080, with commas between them`,
        { setting },
      );
    return url;
  });
}
