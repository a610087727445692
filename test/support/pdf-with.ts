import { deflateSync } from 'node:zlib';

interface AttachedFile {
  readonly content: Buffer;
  /** In Flate; it is by default. */
  readonly packed?: boolean;
}

/** A PDF of one empty page that carries files, as a writer of PDF/A-3 lays it out. */
export function pdfWith(files: readonly AttachedFile[]): Buffer {
  const page = deflateSync(Buffer.from('q 0 0 595 842 re W n Q'));
  const streams = files.map(({ content, packed = true }, n) => {
    const stream = packed ? deflateSync(content) : content;
    const filter = packed ? '\n  /Filter /FlateDecode' : '';
    return Buffer.concat([
      Buffer.from(
        `${10 + n} 0 obj\n<<\n  /Length ${stream.length}\n  /Type /EmbeddedFile\n  /Subtype /text#2Fplain\n  /Params << /Size ${content.length} >>${filter}\n>>\nstream\n`,
      ),
      stream,
      Buffer.from('\nendstream\nendobj\n'),
    ]);
  });
  return Buffer.concat([
    Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'),
    Buffer.from('1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'),
    Buffer.from(`3 0 obj\n<< /Length ${page.length} /Filter /FlateDecode >>\nstream\n`),
    page,
    Buffer.from('\nendstream\nendobj\n'),
    ...streams,
    Buffer.from('trailer\n<< /Root 1 0 R >>\n%%EOF\n'),
  ]);
}
