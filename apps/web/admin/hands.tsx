import { answered } from '../shared/trouble.ts';
import { type Client, useClients } from './clients.ts';
import { useAnswer } from './use-command.ts';

export const handWords = {
  zh: { colon: '：', key: '密钥', separator: '、' },
  en: { colon: ': ', key: 'key', separator: ', ' },
};

/** Names for the ids by which records name who controls a key. */
export function useHands(): (hands: readonly string[]) => string {
  const { data: clients } = useClients();
  const { data: operators } = useAnswer(['operators', ''], (api) =>
    answered(api.GET('/v1/operators')),
  );
  const nameOf = (hand: string): string | null => {
    const operator = /^operator:(.+)$/.exec(hand)?.[1];
    if (operator !== undefined)
      return operators?.operators.find((one) => one.operator === operator)?.name ?? operator;
    return clients?.find(({ client }: Client) => client === hand)?.name ?? null;
  };
  return (hands) => {
    const names = hands.map((hand) => nameOf(hand)).filter((name) => name !== null);
    return names.length > 0 ? [...new Set(names)].join(' · ') : hands.join(' · ');
  };
}
