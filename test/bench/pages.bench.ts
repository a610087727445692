import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import PdfKit from 'pdfkit';
import { type Paper, RendererProcess } from '#libs/proof/paper';
import { sampleFacts, sampleProof } from '../support/papers.js';
import { type Bench, quantile, type Row } from './bench.js';

const root = new URL('../../../', import.meta.url);
const font = '@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf';
const papers = 10_000;
const peerPapers = 200;
const templates = ['ZM001', 'ZM002', 'ZM012', 'ZM015', 'ZM022', 'ZM026'] as const;

/** Each unlike the others in a name, an account, its code and its QR code. */
function paperOf(n: number): Paper {
  const template = templates[n % templates.length] ?? 'ZM001';
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
  const digits = String(n).padStart(9, '0');
  const [first = '姓名'] = Object.keys(sampleFacts[template]);
  return sampleProof(template, n % 5 === 0 ? 'en' : 'zh', {
    facts: { ...sampleFacts[template], [first]: `林${String.fromCodePoint(0x4e00 + (n % 8000))}` },
    code: `KDWA-7MXE-${String(n)
      .padStart(4, '0')
      .replace(/\d/g, (digit) => letters.charAt(Number(digit)))}`,
    qr: [{ correction: 'L', segments: [{ mode: 'numeric', digits: digits.repeat(200) }] }],
  });
}

/** Resident memory of a process, in MB; null where the system does not say. */
function residentMb(pid: number | null): number | null {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  } catch {
    return null;
  }
}

/** Processor time of a process, in ms; Linux counts it in hundredths of a second. */
function processorMs(pid: number | null): number {
  try {
    const stat = readFileSync(`/proc/${pid ?? 0}/stat`, 'utf8');
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')'))
      .split(' ')
      .slice(12, 14)
      .map(Number);
    return (user + system) * 10;
  } catch {
    return 0;
  }
}

/** Pages by the renderer as a city has it, beside pdfkit in this process with the same font. */
export const bench: Bench = {
  name: 'pages',
  async run({ say }) {
    say('  (to be: at most 50 ms a page, 100 a minute on 2 cores, memory flat over 10,000)');
    say(`  ${availableParallelism()} cores`);
    const rows: Row[] = [];
    for (const callers of [1, 4])
      rows.push(await measureOurs(callers, callers === 1 ? 500 : papers));
    rows.push(await measurePdfKit());
    return rows;
  },
};

async function measureOurs(callers: number, count: number): Promise<Row> {
  const renderer = new RendererProcess({
    program: new URL('dist/programs/renderer/main.js', root),
    readable: [fileURLToPath(root)],
    env: { PAPER_FONTS: '' },
    log: { warn: () => undefined, debug: () => undefined },
  });
  try {
    for (let n = 0; n < 20; n++) await renderer.draw(paperOf(n));
    const { pid } = renderer;
    const times: number[] = [];
    const memory: number[] = [];
    let bytes = 0;
    let next = 0;
    const before = processorMs(pid);
    const start = performance.now();
    await Promise.all(
      Array.from({ length: callers }, async () => {
        for (let n = next++; n < count; n = next++) {
          const began = performance.now();
          const { pdf } = await renderer.draw(paperOf(n));
          bytes += pdf.length;
          times.push(performance.now() - began);
          if (n % 100 === 99) memory.push(residentMb(pid) ?? 0);
        }
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    const tenth = Math.max(1, Math.floor(memory.length / 10));
    return {
      ...rowOf('typst', callers, times, seconds),
      figures: {
        kB: bytes / count / 1000,
        'processor ms a page': (processorMs(pid) - before) / count,
        'MB, first tenth': Math.max(...memory.slice(0, tenth)),
        'MB, last tenth': Math.max(...memory.slice(-tenth)),
        processes: renderer.pid === pid ? 1 : 2,
      },
    };
  } finally {
    renderer.stop();
  }
}

/** Words, lines, a watermark and a QR code of as many modules; no PDF/A check of glyphs. */
async function measurePdfKit(): Promise<Row> {
  const bytes = await readFile(fileURLToPath(import.meta.resolve(font)));
  const times: number[] = [];
  let size = 0;
  const before = processorMs(process.pid);
  const start = performance.now();
  for (let n = 0; n < peerPapers; n++) {
    const began = performance.now();
    size += (await drawWithPdfKit(bytes, paperOf(n))).length;
    times.push(performance.now() - began);
  }
  const seconds = (performance.now() - start) / 1000;
  return {
    ...rowOf('pdfkit', 1, times, seconds),
    figures: {
      kB: size / peerPapers / 1000,
      'processor ms a page': (processorMs(process.pid) - before) / peerPapers,
      'MB, last tenth': residentMb(process.pid) ?? 0,
    },
  };
}

async function drawWithPdfKit(font: Buffer, paper: Paper): Promise<Buffer> {
  const page = new PdfKit({ size: 'A4', subset: 'PDF/A-3b', pdfVersion: '1.7' });
  const chunks: Buffer[] = [];
  const ended = Promise.withResolvers<null>();
  page.on('data', (chunk: Buffer) => chunks.push(chunk));
  page.on('end', () => {
    ended.resolve(null);
  });
  page.registerFont('song', font).font('song').fillColor('#e3e7ec').fontSize(15);
  for (let n = 0; n < 5; n++) page.text(paper.purpose, 100, 80 + n * 150);
  page.fillColor('#16202c').fontSize(20).text(paper.template, 60, 60, { align: 'center' });
  page.fontSize(11);
  for (const [key, fact] of Object.entries(paper.facts))
    page.text(`${key} ${typeof fact === 'object' ? JSON.stringify(fact) : fact}`);
  page.fontSize(9).text(`${paper.issuer.name} ${paper.code} ${paper.checkAgain}`);
  for (let y = 0; y < 97; y++)
    for (let x = y % 2; x < 97; x += 4) page.rect(60 + x * 1.4, 560 + y * 1.4, 2.8, 1.4);
  page.fill('#000');
  page.end();
  await ended.promise;
  return Buffer.concat(chunks);
}

const rowOf = (side: string, callers: number, times: readonly number[], seconds: number): Row => ({
  test: 'pages',
  side,
  callers,
  perSecond: times.length / seconds,
  p50Ms: quantile(times, 0.5),
  p99Ms: quantile(times, 0.99),
});
