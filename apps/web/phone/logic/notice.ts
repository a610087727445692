import type { Schemas } from '#libs/api-client';
import { canonicalize, utf8Bytes } from '#libs/kernel';
import { base64url } from '#libs/kernel';
import type { Language } from '../../shared/language.tsx';

type Consent = Pick<Schemas['HolderConsentDto'], 'asks' | 'case' | 'consent' | 'notice'>;
type Ask = Consent['asks'][number];

/** What a request asks, in the words of the very text that is signed. */
export interface Asked {
  readonly department: string;
  readonly window: string;
  readonly matter: string;
  readonly materials: readonly AskedMaterial[];
}
export interface AskedMaterial {
  readonly name: string;
  /** Any one of these answers it. */
  readonly answers: readonly { readonly type: string; readonly fields: readonly string[] }[];
}

/** SHA-256, base64url, of the text and its consent: what a grant signs. */
export async function noticeHash({ notice, consent }: Consent): Promise<string> {
  const { version, zh, en } = notice;
  const bytes = utf8Bytes(canonicalize({ version, zh, en, consent }));
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** How version 1 of the wording is built, in each language. */
const forms = {
  zh: {
    head: /^(.+)（窗口：(.+?)）请您同意，为办理“(.+)”使用您的下列电子证照信息，您即可免于提交相应材料：$/,
    caseLine: (id: string) => `办件编号：${id}。`,
    colon: '：',
    or: '；或',
    answer: (fields: readonly string[]) => `《(.+?)》中的(${fields.map(literal).join('、')})`,
    split: '、',
  },
  en: {
    head: /^(.+) \(window: (.+?)\) asks you to agree that it uses the following data from your certificates to handle “(.+)”, so that you need not bring the papers:$/,
    caseLine: (id: string) => `Case: ${id}.`,
    colon: ': ',
    or: '; or ',
    answer: () => 'from (.+?): (.+)',
    split: ', ',
  },
} as const;

/**
 * Takes the text apart that is signed, so that a request is laid out in its words and in no others.
 * @returns null where the text is not of the known wording or does not say what is asked: then the
 * text itself is to be shown
 */
export function readNotice(consent: Consent, language: Language): Asked | null {
  if (consent.notice.version !== 1) return null;
  const form = forms[language];
  const lines = consent.notice[language].split('\n');
  const [, department, window, matter] = form.head.exec(lines[0] ?? '') ?? [];
  if (department === undefined || window === undefined || matter === undefined) return null;
  if (lines[consent.asks.length + 1] !== form.caseLine(consent.case)) return null;
  const materials = consent.asks.map((ask, n) =>
    readMaterial(lines[n + 1] ?? '', n + 1, ask, language),
  );
  if (!materials.every((material) => material !== null)) return null;
  return { department, window, matter, materials };
}

function readMaterial(line: string, n: number, ask: Ask, language: Language): AskedMaterial | null {
  const { colon, or, answer, split } = forms[language];
  const answers = ask.answers.map(({ fields }) => answer(fields)).join(or);
  const found = new RegExp(`^${n}\\. (.+?)${colon}${answers}$`).exec(line);
  const [, name, ...texts] = found ?? [];
  if (name === undefined) return null;
  return {
    name,
    answers: ask.answers.map(({ fields }, k) => {
      const type = texts[2 * k] ?? '';
      const listed = texts[2 * k + 1] ?? '';
      const names = listed.split(split);
      return { type, fields: names.length === fields.length ? names : [listed] };
    }),
  };
}
