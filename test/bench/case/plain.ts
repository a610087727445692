import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { newPrivateJwk, readKey } from '#libs/api-client';
import { inventPeople } from '../../demo/people.js';
import { freePort } from '../../support/ports.js';
import { tables } from '../plain/tables.js';
import { material, matter } from './scene.js';
import { holderCount, type Side, windowCount } from './side.js';

const program = fileURLToPath(new URL('../plain/main.js', import.meta.url));
const scopes = ['cases:open', 'consents:request', 'releases:pull'];
const fields = ['姓名', '公民身份号码'];

/** `plain` with its clients, phones and certificates, which are put into its tables directly. */
export async function plain(database: string, url: string): Promise<Side> {
  const pool = new pg.Pool({ connectionString: url });
  await pool.query(tables);
  await pool.query('INSERT INTO matter VALUES ($1, $2, $3)', [
    matter,
    '社会保障卡申领',
    JSON.stringify([{ material, nameZh: '居民身份证', type: material, fields }]),
  ]);
  const windows = [];
  for (let n = 0; n < windowCount; n++) {
    const jwk = await newPrivateJwk();
    const { jkt, publicJwk } = await readKey(jwk);
    const client = randomUUID();
    await pool.query(
      `INSERT INTO client (client, jkt, jwk, scopes, department, window_name)
       VALUES ($1, $2, $3, $4, '人社', $5)`,
      [client, jkt, publicJwk, scopes, `bench-${n}`],
    );
    windows.push({ client, jwk: { ...jwk }, scopes });
  }
  const holders = [];
  for (const { number, name, address } of inventPeople(holderCount)) {
    const jwk = await newPrivateJwk('ES256');
    const { jkt, publicJwk } = await readKey(jwk);
    const subject = randomUUID();
    await pool.query('INSERT INTO subject VALUES ($1, $2)', [subject, number]);
    await pool.query('INSERT INTO phone (jkt, subject, jwk) VALUES ($1, $2, $3)', [
      jkt,
      subject,
      { ...publicJwk, alg: 'ES256' },
    ]);
    await pool.query(`INSERT INTO certificate VALUES ($1, $2, $3, 'valid', '2099-01-01', $4)`, [
      randomUUID(),
      subject,
      material,
      { 姓名: name, 公民身份号码: number, 住址: address },
    ]);
    holders.push({ number, jwk: { ...jwk } });
  }
  await pool.end();
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [program], {
    env: {
      ...process.env,
      PORT: String(port),
      PUBLIC_URL: baseUrl,
      DATABASE_URL: url,
      REQUESTS_PER_SECOND: '100000',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; ; tries++) {
    if (
      await fetch(`${baseUrl}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    if (tries === 300 || child.exitCode !== null) throw new TypeError('`plain` does not start');
    await wait(100);
  }
  return {
    name: 'plain',
    database,
    scene: { baseUrl, issuer: `${baseUrl}/identity`, windows, holders },
    pid: () => child.pid ?? 0,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
