import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import { MemoryEventStore } from '#libs/event-store/memory';
import { MeasuredEventStore, Metrics } from '#libs/platform';
import { ReleaseScene } from '../../test/support/release-scene.js';
import { PullRelease } from './commands/pull-release.js';
import type { ReadAgain } from './commands/read-again.js';
import { ReleaseController } from './release.controller.js';

const number = '11010519491231002X';

describe('releases are counted where data leave', () => {
  let metrics: Metrics;
  let scene: ReleaseScene;
  let atCase: string;
  let consent: string;
  let controller: ReleaseController;
  beforeEach(async () => {
    metrics = new Metrics();
    scene = new ReleaseScene(new MeasuredEventStore(new MemoryEventStore('city.example'), metrics));
    const holder = scene.person(number);
    await scene.certificate(holder.subject, 'ZZ001', { 姓名: '测试甲', 公民身份号码: number });
    atCase = await scene.openFor(holder.number);
    consent = await scene.request(atCase);
    await scene.grant(holder, consent);
    const bus = {
      execute: (command: PullRelease | ReadAgain) =>
        command instanceof PullRelease
          ? scene.pull(command.token)
          : scene.readAgain(command.atCase, command.consent),
    } as unknown as CommandBus;
    controller = new ReleaseController(bus, metrics);
  });

  const pull = async () =>
    controller.pull(
      { token: await scene.token(atCase, consent) },
      scene.terminal,
      scene.context('terminal-1'),
    );
  const readAgain = () =>
    controller.readAgain(atCase, consent, scene.terminal, scene.context('terminal-1'));
  const counted = async () => {
    const { values } = await metrics.releases.get();
    return Object.fromEntries(values.map(({ labels, value }) => [String(labels.kind), value]));
  };

  test('once for the release, and for each time that it is read again', async () => {
    await pull();
    await readAgain();
    await readAgain();
    expect(await counted()).toEqual({ released: 1, read_again: 2, withheld: 0 });
  });

  test('not where the release was recorded and withheld', async () => {
    scene.beforeLastLook = async () => {
      await scene.close(atCase);
    };
    await expect(pull()).rejects.toMatchObject({ facts: { reason: 'case_moved' } });
    expect(await counted()).toEqual({ released: 0, read_again: 0, withheld: 1 });
  });

  test('not where it waits for witnesses, until it is read', async () => {
    scene.sealPending = true;
    await expect(pull()).rejects.toMatchObject({ code: 'seal_pending' });
    expect(await counted()).toEqual({ released: 0, read_again: 0, withheld: 0 });
    scene.sealPending = false;
    await readAgain();
    expect(await counted()).toEqual({ released: 0, read_again: 1, withheld: 0 });
  });

  test('not where a reading was withheld', async () => {
    await pull();
    scene.beforeLastLook = async () => {
      await scene.bring(atCase, 'ZZ900');
    };
    await expect(readAgain()).rejects.toMatchObject({ facts: { reason: 'case_moved' } });
    expect(await counted()).toEqual({ released: 1, read_again: 0, withheld: 1 });
  });
});
