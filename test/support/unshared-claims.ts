import { ClientClaims } from '#libs/identity/identity.module';

/** For tests without competing claims. */
export class UnsharedClaims extends ClientClaims {
  override during<Result>(_: string, _claims: unknown, work: () => Promise<Result>) {
    return work();
  }

  override holderOf() {
    return Promise.resolve(null);
  }
}
