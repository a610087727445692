import { type JsonObject, type JsonValue, utf8Bytes } from '#libs/kernel';
import { openAuthorityKeys, parsePolicy, verifyAuthorityWords, verifyReceipt } from '#libs/verify';
import type { City } from '../city.js';
import type { Script } from '../script.js';

/** 灵活就业人员参保登记 */
export const matter = 'SX0001';

export interface Requirement {
  readonly material: string;
  readonly state: string;
  readonly reason: string | null;
  readonly answers: readonly {
    readonly type: string;
    readonly whose: string;
    readonly fields: readonly string[];
  }[];
}
export interface Case {
  readonly case: string;
  readonly requirements: readonly Requirement[];
}
export interface Release {
  readonly handedOver: JsonObject & {
    readonly subject: string;
    readonly purpose: { readonly zh: string };
    readonly materials: readonly {
      readonly material: string;
      readonly type: string;
      readonly signed: string;
      readonly disclosures: readonly string[];
      readonly fields: Readonly<Record<string, string>>;
    }[];
    readonly missing: readonly JsonValue[];
  };
  readonly record: {
    readonly stream: string;
    readonly version: number;
    readonly hash: string;
    readonly bytes: string;
    readonly commitment: string;
    readonly salt: string;
  };
  readonly receipt: { readonly receipt: string | null; readonly at: string };
}
/** What later scenes look back at. */
export interface Done {
  readonly case: string;
  readonly consent: string;
  readonly token: string;
  readonly release: Release;
}

export async function theMainJob(script: Script, city: City): Promise<Done> {
  script.title('灵活就业人员参保登记 at window 1, without the ID card');
  const holder = city.person(0);
  script.must('the holder shows a QR code on the phone', await city.phone(0).ask('qr'));
  const { code } = script.must<{ code: string }>(
    'and a fresh one each time',
    await city.phone(0).ask('qr'),
  );
  const opened = script.must<Case>(
    'the clerk scans it and opens the case',
    await city.windowOne.ask('openCase', { matter, participants: [{ role: 'applicant', code }] }),
  );
  for (const { material, state, answers } of opened.requirements) {
    const fields = answers
      .map((answer) => `${answer.type} ${answer.fields.join('、')}`)
      .join(' or ');
    script.check(`material ${material} is ${state}, by ${fields}`, state === 'exemptible', state);
  }

  script.title('The holder reads the text on the phone, and says yes');
  const materials = opened.requirements.map(({ material }) => material);
  const asked = script.must<{ consent: string; state: string }>(
    'the window asks for both',
    await city.windowOne.ask('ask', { id: opened.case, role: 'applicant', materials }),
  );
  script.same('it waits', asked.state, 'waiting');
  const shown = script.must<{ notice: { zh: string } }>(
    'the phone shows the text whose hash it signs',
    await city.phone(0).ask('show', { consent: asked.consent }),
  );
  for (const line of shown.notice.zh.split('\n')) script.say(`│ ${line}`);
  const early = await city.windowOne.ask('token', { id: opened.case, consent: asked.consent });
  script.refused('a token before the yes', early, 'consent_not_granted');
  script.must('the holder grants', await city.phone(0).ask('grant', { consent: asked.consent }));

  script.title('The window pulls exactly the fields that the rule names');
  const { token } = script.must<{ token: string }>(
    'the ledger mints a token for a minute, for this terminal',
    await city.windowOne.ask('token', { id: opened.case, consent: asked.consent }),
  );
  const release = script.must<Release>(
    'the window pulls',
    await city.windowOne.ask('pull', { token }),
  );
  const [card, social] = release.handedOver.materials;
  script.same('of the ID card: name and number, and no address', card?.fields, {
    姓名: holder.name,
    公民身份号码: holder.number,
  });
  script.same('of the social security card: the number alone', social?.fields, {
    社会保障号码: holder.number,
  });
  script.say(`watermark: ${release.handedOver.purpose.zh}`);
  await checkRelease(script, city, release);
  return { case: opened.case, consent: asked.consent, token, release };
}

/**
 * What the receiver checks for itself, with the policy and what the log signed: each material is an
 * authority's word, and no field is another.
 */
export async function checkRelease(
  script: Script,
  city: City,
  { handedOver, receipt, record }: Release,
): Promise<void> {
  const codes: Record<string, string> = { ZZ001: city.policeCode, ZZ019: city.labourCode };
  const fetched = async (path: string) => (await fetch(`${city.baseUrl}${path}`)).text();
  const policy = parsePolicy(await fetched('/log/policy'));
  const keys = openAuthorityKeys(utf8Bytes(await fetched('/log/authority-keys')), policy);
  const leaf =
    receipt.receipt === null
      ? keys.size
      : verifyReceipt(utf8Bytes(receipt.receipt), policy, utf8Bytes(record.bytes)).index;
  const words = verifyAuthorityWords(handedOver, keys, leaf);
  script.same(
    'every material is signed by an authority',
    words.length,
    handedOver.materials.length,
  );
  for (const { type, key, stands } of words)
    script.check(
      `${type} is signed by the authority's own key, as the log has it`,
      key.authority === codes[type] && stands,
      key,
    );
}
