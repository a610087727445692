import { useEffect, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { answered } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';

export type OwnPasskey = Schemas['PasskeyOfHolder'];

/** All passkeys that were made beside this phone's key. @throws RequestFailed */
export async function ownPasskeys(phone: Phone): Promise<readonly OwnPasskey[]> {
  const { keys } = await answered(phone.api.GET('/v1/phone/keys'));
  return keys.find(({ asking }) => asking)?.passkeys ?? [];
}

/** Those in use; none while it is not known, for the phone's own key does as well. */
export function usePasskeys(phone: Phone): readonly OwnPasskey[] {
  const [passkeys, setPasskeys] = useState<readonly OwnPasskey[]>([]);
  useEffect(() => {
    let left = false;
    ownPasskeys(phone).then(
      (found) => {
        if (!left) setPasskeys(found.filter(({ state }) => state === 'active'));
      },
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [phone]);
  return passkeys;
}
