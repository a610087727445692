import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RendererProcess, type RendererOptions } from '#libs/proof/paper';
import { sampleFacts, sampleProof } from '../support/papers.js';

const root = new URL('../../', import.meta.url);
const program = new URL('dist/apps/renderer/main.js', root);
const paper = sampleProof('ZM001', 'zh');
const undrawable = sampleProof('ZM001', 'zh', {
  facts: { ...sampleFacts.ZM001, 姓名: '林𰻞' },
});

let folder: string;
const renderers: RendererProcess[] = [];
const events: { why?: string }[] = [];

function rendererWith(options: Partial<RendererOptions> = {}): RendererProcess {
  const renderer = new RendererProcess({
    program,
    readable: [fileURLToPath(root), folder],
    env: { PAPER_FONTS: '' },
    log: {
      warn: (facts) => void events.push(facts),
      debug: (facts) => void events.push(facts),
    },
    ...options,
  });
  renderers.push(renderer);
  return renderer;
}

/** A program that answers as told, in the place of ours. */
function answering(code: string): Partial<RendererOptions> {
  const file = join(folder, 'other.mjs');
  writeFileSync(
    file,
    `process.send({ ready: true });process.on('message', ({ id }) => { ${code} });`,
  );
  return { program: pathToFileURL(file) };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-renderer-'));
  events.length = 0;
});
afterEach(async () => {
  for (const renderer of renderers.splice(0)) renderer.stop();
  await rm(folder, { recursive: true });
});

describe('the renderer', () => {
  test('draws in a process of its own, in the order asked, with the same bytes in each process', async () => {
    const renderer = rendererWith();
    const drawn = await Promise.all([renderer.draw(paper), renderer.draw(paper)]);
    expect(renderer.pid).not.toBe(process.pid);
    expect(Buffer.from(drawn[0].pdf).equals(drawn[1].pdf)).toBe(true);
    const other = await rendererWith().draw(paper);
    expect(Buffer.from(other.pdf).equals(drawn[0].pdf)).toBe(true);
  });

  test('refuses what it cannot draw by its code point, and goes on', async () => {
    const renderer = rendererWith();
    await expect(renderer.draw(undrawable)).rejects.toMatchObject({
      code: 'paper_undrawable',
      facts: { codePoints: ['U+30EDE'] },
    });
    await expect(renderer.draw(paper)).resolves.toMatchObject({ pages: 1 });
    expect(events).toEqual([]);
  });

  test('refuses more papers than may wait', async () => {
    const renderer = rendererWith({ limits: { waiting: 2 } });
    const first = [renderer.draw(paper), renderer.draw(paper)];
    await expect(renderer.draw(paper)).rejects.toMatchObject({ code: 'renderer_busy' });
    await Promise.all(first);
    await renderer.draw(paper);
  });

  test('is started anew when its process dies: the paper that it had is refused, the next is drawn', async () => {
    const renderer = rendererWith();
    await renderer.draw(paper);
    process.kill(renderer.pid!, 'SIGSTOP');
    const [lost, next] = [renderer.draw(paper), renderer.draw(paper)];
    process.kill(renderer.pid!, 'SIGKILL');
    await expect(lost).rejects.toMatchObject({ code: 'renderer_away' });
    await expect(next).resolves.toMatchObject({ pages: 1 });
  });

  test('gives a paper up that takes too long, kills its process and draws the next', async () => {
    const renderer = rendererWith({ limits: { paperMs: 3000 } });
    await renderer.draw(paper);
    const stopped = renderer.pid!;
    process.kill(stopped, 'SIGSTOP');
    await expect(renderer.draw(paper)).rejects.toMatchObject({ code: 'renderer_away' });
    await renderer.draw(paper);
    expect(renderer.pid).not.toBe(stopped);
    expect(events).toContainEqual({ why: 'late', what: 'paper', ms: 3000 });
  });

  test('is replaced after a paper where it holds more memory than it may', async () => {
    const renderer = rendererWith({ limits: { residentBytes: 1 } });
    await renderer.draw(paper);
    expect(renderer.pid).toBeNull();
    await expect(renderer.draw(paper)).resolves.toMatchObject({ pages: 1 });
  });

  test.each([
    ['that is no PDF', 'process.send({ id, pdf: new Uint8Array(9), pages: 1, rss: 1 });'],
    [
      'that is a PDF of another kind',
      'process.send({ id, pdf: Buffer.from("%PDF-1.7\\n%%EOF"), pages: 1, rss: 1 });',
    ],
    ['to another question', 'process.send({ id: id + 1, pages: 1, rss: 1 });'],
    ['that is nothing', 'process.send("?");'],
  ])('takes no answer %s', async (_, code) => {
    await expect(rendererWith(answering(code)).draw(paper)).rejects.toMatchObject({
      code: 'renderer_away',
    });
    expect(events[0]).toMatchObject({ why: 'answered-wrongly' });
  });

  test('that does not start says why, and refuses each paper', async () => {
    const renderer = rendererWith({ env: { PAPER_FONTS: 'HanaMinB=/nowhere.ttf' } });
    for (let n = 0; n < 2; n++)
      await expect(renderer.draw(paper)).rejects.toMatchObject({ code: 'renderer_away' });
    expect(events[0]).toMatchObject({
      why: 'ended',
      words: expect.stringContaining('PAPER_FONTS: /nowhere.ttf cannot be read'),
    });
  });

  test('that says of a font what it is not does not start', async () => {
    const file = fileURLToPath(
      import.meta.resolve('@expo-google-fonts/noto-serif-jp/400Regular/NotoSerifJP_400Regular.ttf'),
    );
    await expect(
      rendererWith({ env: { PAPER_FONTS: `Some Other=${file}` } }).draw(paper),
    ).rejects.toMatchObject({ code: 'renderer_away' });
    expect(events[0]).toMatchObject({
      words: expect.stringContaining('no font of the family Some Other'),
    });
  });

  test('writes nothing, reads nothing but its own, and starts nothing', async () => {
    const tries = [
      `import('node:fs').then((fs) => fs.writeFileSync(${JSON.stringify('/tmp/x')}, ''))`,
      "import('node:fs').then((fs) => fs.readFileSync('/etc/hostname'))",
      "import('node:child_process').then((child) => child.execSync('true'))",
    ];
    for (const attempt of tries) {
      events.length = 0;
      const code = `${attempt}.then(() => 'done', (e) => e.code).then((said) => { console.error(said); process.exit(said === 'ERR_ACCESS_DENIED' ? 7 : 8); });`;
      await expect(rendererWith(answering(code)).draw(paper)).rejects.toMatchObject({
        code: 'renderer_away',
      });
      expect(events[0]).toMatchObject({ why: 'ended', code: 7 });
    }
  });
});
