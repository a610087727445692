import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { tries } from '../../apps/trial/tries.js';
import { startCity, type TestCity } from '../support/city.js';
import { register, TestPhone } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { endProgram } from '../support/programs.js';
import { done, epochNow, Town } from '../support/town.js';
import { TrialHall } from '../support/trial-hall.js';

const cli = fileURLToPath(new URL('../../scripts/mianzheng.mjs', import.meta.url));
const children = new Set<ChildProcess>();

/** Beside a city, or as the address says. */
function open(at: TestCity, url = at.baseUrl): TrialHall {
  const hall = TrialHall.start(['trial', '--url', url], { DATA_DIR: at.dataDir });
  children.add(hall.child);
  return hall;
}

let city: TestCity;
beforeAll(async () => {
  city = await startCity({ HOLDERS_PER_WINDOW_AND_DAY: '300' });
});
afterEach(async () => {
  for (const child of children) await endProgram(child, 'SIGKILL');
  children.clear();
});
afterAll(() => city.stop());

async function send(path: string, body: unknown) {
  const response = await fetch(`${city.baseUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function offer(code: string, phone: TestPhone) {
  const proof = phone.sign('phone-key+jws', {
    codeHash: createHash('sha256').update(code).digest('base64url'),
    jkt: phone.key.jkt,
    iat: epochNow(),
  });
  return send('/v1/enrolments/offer', { code, jwk: phone.key.jwk, proof });
}

/** How often each type of event stands in the ledger. */
async function counts(): Promise<Record<string, number>> {
  const { rows } = await city.city.house.infrastructure.pool.query<{ type: string; n: string }>(
    `SELECT convert_from(bytes, 'UTF8')::jsonb->>'type' AS type, count(*) AS n
     FROM log_record GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ type, n }) => [type, Number(n)]));
}

describe('a trial hall', () => {
  test('goes on where it was killed, and issues each paper once', async () => {
    const first = open(city);
    await first.says(/示例市/);
    await endProgram(first.child, 'SIGKILL');
    const second = open(city);
    const said = await second.says(/Press Enter/);
    const [, papers = ''] =
      /24 holders, 4 companies, (\d+) certificates of 40 types, issued/.exec(said) ?? [];
    const found = await counts();
    expect(found).toMatchObject({ CertificateIssued: Number(papers) });
    expect(said).toMatch(/Source of e-proofs: \d{3,} records, in a process of its own/);
    const sources = await readFile(join(city.dataDir, 'proof-sources.json'), 'utf8');
    const [{ url }] = JSON.parse(sources) as [{ url: string }];
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(found['CertificateRevoked']).toBeGreaterThan(0);
    const file = join(city.dataDir, 'trial', 'state.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await endProgram(second.child, 'SIGKILL');

    const third = open(city);
    expect(await third.says(/Press Enter/)).toContain(`${papers} certificates of 40 types, there`);
    const after = await counts();
    for (const type of ['CertificateIssued', 'CertificateRevoked', 'ClientRegistered'])
      expect([type, after[type]]).toEqual([type, found[type]]);
  });

  test('makes a terminal of the browser that comes with its link, and says so', async () => {
    const hall = open(city);
    const { invitation } = await hall.links();
    const key = new TestKey('P-256');
    const { body: offered } = await send('/v1/terminal-offers', { jwk: key.jwk, invitation });
    const { ticket } = offered;
    const state = async () => (await send('/v1/terminal-offers/state', { ticket })).body;
    let seen = await state();
    while (seen['state'] === 'waiting') seen = await state();
    expect(seen['details']).toMatchObject({ department: '人社', window: 'hall-1-01' });
    const { proof } = await key.proved({ kind: 'terminal', ...(seen['details'] as Details) });
    await send('/v1/terminal-offers/proof', { ticket, proof });
    await hall.says(/示例人社窗口 已登记/);
    const registered = await state();
    expect(registered['state']).toBe('registered');
    const { body: terminal } = await city.admin.get(`/v1/clients/${String(registered['client'])}`);
    expect(terminal).toMatchObject({ signIn: 'operator' });

    const from = hall.enter();
    expect((await hall.links(from)).invitation).not.toBe(invitation);
    const another = new TestKey('P-256');
    const again = await send('/v1/terminal-offers', { jwk: another.jwk, invitation });
    expect([again.status, again.body['code']]).toEqual([409, 'terminal_offer_taken']);
  });

  test('enrols the phone that comes with its link, once, with its papers in the wallet', async () => {
    const hall = open(city);
    const { code } = await hall.links();
    const phone = new TestPhone(city.baseUrl);
    expect((await offer(code, phone)).status).toBe(200);
    await hall.says(/示例甲子 的手机已登记/);
    await city.caughtUp();
    const { body } = await phone.get<{ certificates: readonly { type: string }[] }>(
      '/v1/phone/wallet',
    );
    expect(body.certificates.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ZZ001', 'ZZ002', 'ZZ019']),
    );

    const again = await offer(code, new TestPhone(city.baseUrl));
    expect([again.status, again.body['code']]).toEqual([403, 'enrolment_code_refused']);
    const from = hall.enter();
    expect((await hall.links(from)).code).not.toBe(code);
  });

  test('gives everything to try that its matter asks for, at the yes', async () => {
    const hall = open(city);
    const shown = await hall.says(/Press Enter/);
    const codes = [...shown.matchAll(/#code=([\w-]{22})/g)].map(([, code = '']) => code);
    const numbers = [...shown.matchAll(/，(99\d{15}[\dX]) /g)].map(([, number = '']) => number);
    const town = await Town.around(city);
    for (const [n, { matter, department }] of tries.entries()) {
      const [code = '', number = ''] = [codes[n], numbers[n]];
      const holder = { number, phone: new TestPhone(city.baseUrl) };
      expect((await offer(code, holder.phone)).status).toBe(200);
      await hall.says(new RegExp(`(手机已登记[^]*){${n + 1}}`));
      const at = { kind: 'terminal', department, window: `hall-2-0${n}` } as const;
      const terminal = await register(city.admin, at);
      const identifier = { kind: '111', number };
      const participants = [{ role: 'applicant', identifier }];
      const { case: id } = done(await terminal.post('/v1/cases', { matter, participants }));
      const { requirements } = done(await terminal.get(`/v1/cases/${id}`)) as Requirements;
      const materials = requirements.map(({ material }) => material);
      const asked = done(
        await terminal.post(`/v1/cases/${id}/consents`, { role: 'applicant', materials }),
      );
      done(await town.grant(holder, asked.consent, { digits: asked.number }));
      const path = `/v1/cases/${id}/consents/${asked.consent}/token`;
      const { token } = done(await terminal.post(path));
      const { handedOver } = done(await terminal.post('/v1/releases', { token })) as Released;
      expect(handedOver.missing).toEqual([]);
      const received = handedOver.materials.map(({ material }) => material);
      expect(received.sort()).toEqual(materials.sort());
    }
  });

  test('refuses an address that others reach', async () => {
    const hall = open(city, 'https://city.example');
    expect(await once(hall.child, 'exit')).toEqual([1, null]);
    expect(hall.said).toMatch(/\(trial_not_on_loopback\)\. Leave PUBLIC_URL out/);
  });

  test('refuses a folder that is of another city, and one that is no hall’s', async () => {
    const file = join(city.dataDir, 'trial', 'state.json');
    const kept = await readFile(file, 'utf8');
    for (const wrong of [kept.replace('trial.city.example', 'trial.other.example'), '{']) {
      await writeFile(file, wrong);
      const hall = open(city);
      expect(await once(hall.child, 'exit')).toEqual([1, null]);
      expect(hall.said).toMatch(/\(trial_state_unusable\)\. Move the folder away/);
    }
    await writeFile(file, kept);
  });

  test('leaves a ledger that verifies, every authority’s signature included', async () => {
    const child = spawn(process.execPath, [cli, 'verify', 'ledger'], {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: city.dataDir,
        DATABASE_URL: city.databaseUrl,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.add(child);
    const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    const { CertificateIssued: issued = 0 } = await counts();
    const [, signatures = '0'] = /(\d+) signatures/.exec(out) ?? [];
    expect(Number(signatures)).toBeGreaterThanOrEqual(issued);
    expect(out).toContain('all of it holds');
  });
});

describe('a city that is no trial', () => {
  test('gets no trial hall, and nothing is made up in it', async () => {
    const real = await startCity({
      CITY: 'ledger.example.gov',
      CATALOGUE_DIR: 'test/golden/catalogue',
    });
    try {
      const hall = open(real);
      expect(await once(hall.child, 'exit')).toEqual([1, null]);
      expect(hall.said).toMatch(/ledger\.example\.gov is no trial.*\(city_not_trial\)/);
      await expect(stat(join(real.dataDir, 'trial'))).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await real.stop();
    }
  });
});

type Requirements = Readonly<{ requirements: readonly { readonly material: string }[] }>;
type Released = Readonly<{
  handedOver: { materials: readonly { readonly material: string }[]; missing: readonly object[] };
}>;
type Details = Readonly<{ name: string; department: string; window: string; town: string | null }>;
