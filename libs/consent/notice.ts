import { sha256 } from '@noble/hashes/sha2.js';
import { base64url, canonicalize, type Instant, utf8Bytes } from '#libs/kernel';
import type { Action, Notice } from './consent.events.js';

/** Versions of the wordings below, by what they ask for: a changed wording gets a new number. */
export const noticeVersions: Readonly<Record<Action, number>> = { read: 1, print: 2 };

export interface NoticeSubject {
  readonly consent: string;
  readonly action: Action;
  readonly case: string;
  readonly matterZh: string;
  readonly matterEn: string;
  readonly department: string;
  readonly departmentEn: string | undefined;
  readonly window: string;
  readonly answerBy: Instant;
  /**
   * What is requested, with the names of the catalogue. The English text has the Chinese name where
   * there is no English one.
   */
  readonly asks: readonly {
    readonly materialZh: string;
    readonly materialEn: string | undefined;
    readonly answers: readonly {
      readonly typeZh: string;
      readonly typeEn: string;
      /** The department out of whose records it is made at that moment; null where it exists. */
      readonly madeBy: { readonly zh: string; readonly en: string } | null;
      readonly fields: readonly { readonly key: string; readonly nameEn?: string }[];
    }[];
  }[];
}

/** The purpose of the release. It follows from the matter alone, and not from a clerk's input. */
export const purposeZh = (matterZh: string): string => `办理“${matterZh}”`;
export const purposeEn = (matterEn: string): string => `to handle “${matterEn}”`;

/** `YYYY-MM-DD HH:mm` in Asia/Shanghai. */
export const shanghaiMinute = (instant: Instant): string =>
  new Date(Date.parse(instant) + 8 * 3600_000).toISOString().slice(0, 16).replace('T', ' ');

/**
 * The text that a holder is shown before the answer: requester, purpose, data, duration, and that a
 * refusal has no cost (PIPL, articles 14 to 17 and 23). Pure, so that verifiers can derive it;
 * `hash` is over RFC 8785 of `{version, zh, en, consent}`.
 */
export function consentText(subject: NoticeSubject): Notice {
  const { zh, en } = subject.action === 'print' ? printText(subject) : readText(subject);
  const text = { version: noticeVersions[subject.action], zh, en };
  return { ...text, hash: noticeHash(text, subject.consent) };
}

type Text = Pick<Notice, 'zh' | 'en'>;

/** What is asked for, a line for each material. */
const asksZh = ({ asks }: NoticeSubject): string[] =>
  asks.map(
    ({ materialZh, answers }, n) =>
      `${n + 1}. ${materialZh}：${answers
        .map(({ typeZh, fields }) => `《${typeZh}》中的${fields.map(({ key }) => key).join('、')}`)
        .join('；或')}`,
  );
const asksEn = ({ asks }: NoticeSubject): string[] =>
  asks.map(
    ({ materialZh, materialEn, answers }, n) =>
      `${n + 1}. ${materialEn ?? materialZh}: ${answers
        .map(
          ({ typeEn, fields }) =>
            `from ${typeEn}: ${fields.map(({ key, nameEn }) => nameEn ?? key).join(', ')}`,
        )
        .join('; or ')}`,
  );

function readText(subject: NoticeSubject): Text {
  const zh = [
    `${subject.department}（窗口：${subject.window}）请您同意，为${purposeZh(subject.matterZh)}使用您的下列电子证照信息，您即可免于提交相应材料：`,
    ...asksZh(subject),
    `办件编号：${subject.case}。`,
    '以上信息只用于本办件，只提供给提出请求的终端，一次有效；同意后 10 分钟内调取，调取后 30 分钟内且办件未办结时，该终端可重新查看同一内容。',
    '您可以不同意，改为自行提交材料，不影响办理。调取前您可以随时撤回同意；调取后撤回的，该终端不能再次查看。每次使用都记入您的用证记录。',
    `请在 ${shanghaiMinute(subject.answerBy)}（北京时间）前答复，逾期视为不同意。`,
  ].join('\n');
  const en = [
    `${subject.departmentEn ?? subject.department} (window: ${subject.window}) asks you to agree that it uses the following data from your certificates ${purposeEn(subject.matterEn)}, so that you need not bring the papers:`,
    ...asksEn(subject),
    `Case: ${subject.case}.`,
    'They are used for this case alone, go to the terminal that asks, and only once: within 10 minutes of your yes. For 30 minutes after that, while the case is open, the same terminal may look at the same again.',
    'You may say no and bring the papers: your case is handled all the same. You may take your yes back at any time before the data are used; afterwards that ends looking again. Every use is entered in your record of accesses.',
    `Please answer by ${shanghaiMinute(subject.answerBy)} (Beijing time); no answer counts as no.`,
  ].join('\n');
  return { zh, en };
}

function printText(subject: NoticeSubject): Text {
  const made = subject.asks
    .flatMap(({ answers }) => answers)
    .flatMap(({ typeZh, typeEn, madeBy }) => (madeBy === null ? [] : [{ typeZh, typeEn, madeBy }]));
  const zh = [
    `您要在${subject.department}的自助终端“${subject.window}”上${subject.matterZh}。您同意后，下列内容将打印成纸，纸张由您取走：`,
    ...asksZh(subject),
    ...made.map(
      ({ typeZh, madeBy }) =>
        `《${typeZh}》将当场向${madeBy.zh}的系统查询并开具，为此向其提供您的证件种类和号码。`,
    ),
    `办件编号：${subject.case}。`,
    '只在这台自助终端上打印，一次有效：同意后 10 分钟内打印；打印后 30 分钟内且办件未办结时，可在同一终端重新打印同一内容，每次都有记录。',
    '您可以不同意，不会打印任何内容，也不影响您在窗口办理。打印前您可以随时撤回同意；打印后撤回的，该终端不能再次打印。每次使用都记入您的用证记录。',
    `请在 ${shanghaiMinute(subject.answerBy)}（北京时间）前答复，逾期视为不同意。`,
  ].join('\n');
  const en = [
    `At the kiosk “${subject.window}” of ${subject.departmentEn ?? subject.department} you want this done: ${subject.matterEn}. If you agree, the following is printed on paper, for you to take:`,
    ...asksEn(subject),
    ...made.map(
      ({ typeEn, madeBy }) =>
        `${typeEn} is looked up and issued at that moment by the system of ${madeBy.en}, which is told the kind and number of your identity document for it.`,
    ),
    `Case: ${subject.case}.`,
    'It is printed at this kiosk alone, and only once: within 10 minutes of your yes. For 30 minutes after that, while the case is open, the same kiosk may print the same again; each time is recorded.',
    'You may say no: then nothing is printed, and a window serves you all the same. You may take your yes back at any time before it is printed; afterwards that ends printing again. Every use is entered in your record of accesses.',
    `Please answer by ${shanghaiMinute(subject.answerBy)} (Beijing time); no answer counts as no.`,
  ].join('\n');
  return { zh, en };
}

/**
 * SHA-256, base64url, of RFC 8785 of the text and the consent that it belongs to: what a phone
 * signs.
 */
export const noticeHash = (
  { version, zh, en }: Pick<Notice, 'version' | 'zh' | 'en'>,
  consent: string,
): string => base64url(sha256(utf8Bytes(canonicalize({ version, zh, en, consent }))));
