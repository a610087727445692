import { done, type Town } from '../support/town.js';
import { freshSecond, type Processes } from './processes.js';
import type { Report } from './report.js';
import type { Services } from './services.js';
import { isTally, type Ready, ready, sendTo, tally } from './wire.js';

const callers = 64;

/**
 * Two ledgers race for what may be done once: the ledger itself is the judge, whichever process
 * asks.
 */
export async function onceAcrossLedgers(
  town: Town<Services>,
  processes: Processes,
  report: Report,
): Promise<void> {
  const urls = processes.of('ledger').map(({ url }) => url);
  const spread = (requests: readonly Ready[]) =>
    Promise.all(requests.map((one, n) => sendTo(urls[n % urls.length] ?? '', one)));

  const granted = await town.granted();
  const body = JSON.stringify({ token: granted.token });
  const racing = await Promise.all(
    Array.from({ length: callers }, () => ready(town, 'POST', '/v1/releases', body)),
  );
  await freshSecond(processes);
  const releases = await spread(racing);
  report.check(
    `of ${callers} callers at two ledgers, with one consent, exactly one gets the data`,
    isTally(releases, { '200': 1, '403 consent_spent': callers - 1 }),
    tally(releases),
  );
  const { accesses } = done(await granted.phone.get('/v1/phone/accesses'));
  const kinds = (accesses as { kind: string }[]).map(({ kind }) => kind).join(', ');
  report.check(
    'the holder’s book has one release, the one that was answered',
    kinds === 'requested, granted, released' &&
      accesses[2].hash === releases.find(({ status }) => status === 200)?.body.record.hash,
    kinds,
  );

  await freshSecond(processes);
  const second = await town.granted();
  const tokens = await Promise.all(Array.from({ length: 16 }, () => town.token(second.at)));
  const minted = await spread(
    await Promise.all(
      tokens.map((token) => ready(town, 'POST', '/v1/releases', JSON.stringify({ token }))),
    ),
  );
  report.check(
    'sixteen tokens of one consent are one consent still',
    isTally(minted, { '200': 1, '403 consent_spent': 15 }),
    tally(minted),
  );

  await freshSecond(processes);
  const { phone } = await town.holder();
  const { code } = done(await phone.post('/v1/phone/codes'));
  const opening = JSON.stringify({ matter: 'SX0001', participants: [{ role: 'applicant', code }] });
  const cases = await spread(
    await Promise.all(Array.from({ length: 16 }, () => ready(town, 'POST', '/v1/cases', opening))),
  );
  report.check(
    'a QR code shown at both ledgers opens one case',
    cases.filter(({ status }) => status === 201).length === 1 &&
      cases.filter(({ status }) => status === 403).length === 15,
    tally(cases),
  );
}

/** What was proved to one process is used up at the other. */
export async function proofsAcrossProcesses(
  town: Town<Services>,
  processes: Processes,
  report: Report,
): Promise<void> {
  const everywhere = (kind: string, one: Ready) =>
    Promise.all(
      processes.of(kind).flatMap(({ url }) => Array.from({ length: 4 }, () => sendTo(url, one))),
    );
  const { phone } = await town.holder();
  const tries: [string, string, Ready][] = [
    ['a terminal’s proof', 'ledger', await ready(town, 'GET', '/v1/cases/nowhere')],
    ['a phone’s proof', 'ledger', await ready(town, 'GET', '/v1/phone/book', undefined, phone)],
    ['a proof for what is read', 'window', await ready(town, 'GET', '/v1/board')],
  ];
  for (const [what, kind, one] of tries) {
    await freshSecond(processes);
    const answers = await everywhere(kind, one);
    const replayed = answers.filter(
      ({ status, body }) => status === 401 && body.code === 'proof_replayed',
    );
    report.check(
      `${what} is taken once by two processes of ${kind}, sent eight times at once`,
      answers.length === 8 && replayed.length === 7,
      tally(answers),
    );
    // One after the other, as by an eavesdropper.
    const later = await everywhere(kind, one);
    report.check(
      `${what} is remembered by both afterwards`,
      later.length === 8 && later.every(({ body }) => body.code === 'proof_replayed'),
      tally(later),
    );
  }

  const { terminal } = town;
  const url = `${terminal.issuer}/token`;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: terminal.assertion(),
    scope: terminal.scopes.join(' '),
  });
  const path = new URL(url).pathname;
  await freshSecond(processes);
  const given = await Promise.all(
    processes.of('identity').flatMap((process) =>
      Array.from({ length: 4 }, async () => {
        const response = await fetch(process.url + path, {
          method: 'POST',
          // The assertion is what comes again; each request has a fresh proof.
          headers: { dpop: terminal.key.proof({ method: 'POST', url }) },
          body: form,
        });
        await response.arrayBuffer();
        return response.status;
      }),
    ),
  );
  report.check(
    'a client’s assertion gets one token from two identity services, sent eight times at once',
    given.length === 8 && given.filter((status) => status === 200).length === 1,
    given,
  );
}
