import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import type { Principal } from '#libs/identity';
import type { JsonObject } from '#libs/kernel';
import { Receipts, receiptPath } from '#libs/sealing';
import type { ExemptionStatement } from '#libs/verify';
import { ReleaseScene } from '../../test/support/release-scene.js';
import { ShowStatement, ShowStatementHandler } from './queries/statement.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X', 住址: '某市某路1号' };
type RecordName = Parameters<Receipts['waitFor']>[0];
const receiptOf = ({ stream, version, hash }: RecordName) => `${stream} ${version} ${hash}`;

class ReceiptsOnOrder extends Receipts {
  sealed = true;
  waitFor(record: RecordName) {
    const receipt = this.sealed ? receiptOf(record) : null;
    return Promise.resolve({ receipt, at: receiptPath(record) });
  }
}

async function prepared(number = '11010519491231002X') {
  const scene = new ReleaseScene(new MemoryEventStore('city.example'));
  const receipts = new ReceiptsOnOrder();
  const holder = scene.person(number);
  await scene.certificate(holder.subject, 'ZZ001', idCard);
  await scene.certificate(holder.subject, 'ZZ002', { 户籍地址: '某市某路1号' });
  const handler = new ShowStatementHandler(
    scene.store,
    scene.cases,
    scene.books,
    scene.pairwise,
    scene.keys,
    receipts,
    scene.clock,
  );
  const show = async (principal: Principal, atCase: string) => {
    const { statement, records } = await handler.execute(new ShowStatement(principal, atCase));
    const payload = Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString();
    return { said: JSON.parse(payload) as ExemptionStatement, records };
  };
  const granted = async (atCase: string, materials?: string[], person = holder, role?: string) => {
    const consent = await scene.request(atCase, materials, scene.terminal, role);
    await scene.grant(person, consent);
    return consent;
  };
  return { scene, receipts, holder, show, granted };
}

const absent = expect.objectContaining({ code: 'statement_absent' });

describe('a statement of a case', () => {
  test('says nothing of a release that was withheld', async () => {
    const { scene, holder, show, granted } = await prepared();
    const atCase = await scene.openFor(holder.number);
    const consent = await granted(atCase);
    scene.beforeLastLook = () => scene.bring(atCase, 'ZZ900');
    await expect(scene.pull(await scene.token(atCase, consent))).rejects.toMatchObject({
      code: 'release_withheld',
    });
    await expect(show(holder.principal, atCase)).rejects.toEqual(absent);
  });

  test('still says what was released where the consent was withdrawn afterwards, or read again', async () => {
    const { scene, holder, show, granted } = await prepared();
    const atCase = await scene.openFor(holder.number);
    const consent = await granted(atCase);
    const { record } = await scene.pull(await scene.token(atCase, consent));
    await scene.readAgain(atCase, consent);
    await scene.withdraw(holder, consent);
    const { said, records } = await show(holder.principal, atCase);
    const { stream, version, hash } = record;
    expect(said.materials.map(({ answeredBy }) => answeredBy)).toEqual([
      { stream, version, hash, time: scene.clock.now() },
    ]);
    expect(records.map(({ receipt }) => receipt)).toEqual([receiptOf(record)]);
  });

  test('is of that case alone, and of each record once', async () => {
    const { scene, holder, show, granted } = await prepared();
    const released: string[] = [];
    for (let n = 0; n < 2; n++) {
      const atCase = await scene.openFor(holder.number);
      await scene.pull(await scene.token(atCase, await granted(atCase, ['ZZ001', 'ZZ002'])));
      released.push(atCase);
    }
    for (const atCase of released) {
      const { said, records } = await show(holder.principal, atCase);
      expect(said.case).toBe(atCase);
      expect(said.materials.map(({ nameZh }) => nameZh)).toEqual(['居民身份证', '居民户口簿']);
      const named = records.map(({ bytes }) => (JSON.parse(bytes) as JsonObject)['data']);
      expect(named).toEqual([expect.objectContaining({ case: atCase })]);
    }
  });

  test('tells a participant nothing of the others', async () => {
    const { scene, holder, show, granted } = await prepared();
    const other = scene.person('110105194912310046');
    const atCase = await scene.open([
      { role: 'applicant', identifier: { kind: '111', number: holder.number } },
      { role: 'spouse', identifier: { kind: '111', number: other.number } },
    ]);
    await scene.pull(await scene.token(atCase, await granted(atCase)));
    expect((await show(holder.principal, atCase)).said.subject).toBe(
      scene.pairwise.of('人社', holder.subject),
    );
    await expect(show(other.principal, atCase)).rejects.toEqual(absent);
  });

  test('waits for the seal: without a receipt for each record there is none', async () => {
    const { scene, receipts, holder, show, granted } = await prepared();
    const atCase = await scene.openFor(holder.number);
    await scene.pull(await scene.token(atCase, await granted(atCase)));
    receipts.sealed = false;
    await expect(show(holder.principal, atCase)).rejects.toMatchObject({
      code: 'seal_pending',
      retryAfterSeconds: 1,
    });
  });
});
