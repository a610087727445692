import { InternalError, type Instant } from '#libs/kernel';

/** A PDF is not of the form that the renderer writes: nothing is signed. */
export class PdfNotOurs extends InternalError<'pdf_not_ours'> {
  constructor(what: string) {
    super('pdf_not_ours', `the PDF has no ${what} where the renderer writes it`);
  }
}

/** Bytes of a signature at most; one of P-256 with its certificate has 1 to 2 thousand. */
const roomBytes = 8192;

export interface UnsignedRevision {
  /** The PDF with a revision whose signature is still zeros. */
  readonly bytes: Buffer;
  /** Where `<` and the byte after `>` of the signature stand. */
  readonly hole: readonly [from: number, to: number];
}

/**
 * Appends a revision (ISO 32000-1, 7.5.6) with an invisible signature field on the first page. What
 * stood before keeps its bytes, so that PDF/A-3b and attachments stay as they are; the field has no
 * area and needs no appearance (ISO 19005-3, 6.3.3), and prints, as its flag must say (6.3.2).
 * @param pdf of the renderer: one revision, with a classic cross-reference table
 * @param by who signs, in the words of the signature's dictionary
 * @throws PdfNotOurs
 */
export function unsignedRevision(pdf: Uint8Array, by: string, at: Instant): UnsignedRevision {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength).toString('latin1');
  const [, trailer = '', previous = ''] =
    /trailer\s*<<([\s\S]*?)>>\s*startxref\s*(\d+)\s*%%EOF\s*$/.exec(text.slice(-2048)) ?? [];
  const size = Number(found(/\/Size (\d+)/, trailer, 'size'));
  if (/\/Prev\b/.test(trailer)) throw new PdfNotOurs('single revision');
  const objectOf = objectsOf(text, Number(previous));
  const root = Number(found(/\/Root (\d+) 0 R/, trailer, 'catalog'));
  const page = firstPage(objectOf, root);
  const [signature, field] = [size, size + 1];
  const updated: [id: number, body: string][] = [
    [root, added(objectOf(root), `/AcroForm << /Fields [${field} 0 R] /SigFlags 3 >>`)],
    [page, added(objectOf(page), `/Annots [${field} 0 R]`)],
    [
      signature,
      [
        '<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached',
        `/M (D:${at.slice(0, 19).replace(/[-:T]/g, '')}Z) /Name ${textString(by)}`,
        `/ByteRange [0 ${'*'.repeat(10)} ${'*'.repeat(10)} ${'*'.repeat(10)}]`,
        `/Contents <${'0'.repeat(roomBytes * 2)}> >>`,
      ].join('\n'),
    ],
    [
      field,
      `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature) /V ${signature} 0 R /F 132 /Rect [0 0 0 0] /P ${page} 0 R >>`,
    ],
  ];
  let whole = `${text}\n`;
  const offsets = new Map<number, number>();
  for (const [id, body] of updated) {
    offsets.set(id, whole.length);
    whole += `${id} 0 obj\n${body}\nendobj\n`;
  }
  const table = whole.length;
  const entries = [...offsets].map(
    ([id, offset]) => `${id} 1\n${String(offset).padStart(10, '0')} 00000 n \n`,
  );
  whole += `xref\n${entries.join('')}trailer\n<<${trailer.replace(/\/Size \d+/, `/Size ${size + 2}`)}/Prev ${previous} >>\nstartxref\n${table}\n%%EOF\n`;
  const from = whole.indexOf('/Contents <', offsets.get(signature)) + '/Contents '.length;
  const to = from + roomBytes * 2 + 2;
  return { bytes: withByteRange(whole, from, to), hole: [from, to] };
}

/** Puts the signature into its room. @throws PdfNotOurs where it is longer than that */
export function withSignature(
  { bytes, hole: [from, to] }: UnsignedRevision,
  signature: Buffer,
): Buffer {
  if (signature.length > roomBytes) throw new PdfNotOurs('room for the signature');
  const signed = Buffer.from(bytes);
  signed.write(signature.toString('hex').padEnd(to - from - 2, '0'), from + 1, 'latin1');
  return signed;
}

function withByteRange(whole: string, from: number, to: number): Buffer {
  const stars = '*'.repeat(10);
  const range = `[0 ${stars} ${stars} ${stars}]`;
  const told = `[0 ${from} ${to} ${whole.length - to}]`.padEnd(range.length, ' ');
  const at = whole.lastIndexOf(range, from);
  return Buffer.from(whole.slice(0, at) + told + whole.slice(at + range.length), 'latin1');
}

function found(form: RegExp, text: string, what: string): string {
  const value = form.exec(text)?.[1];
  if (value === undefined) throw new PdfNotOurs(what);
  return value;
}

/**
 * Dictionaries by the table alone: an attachment stands in clear, and could hold what looks like
 * another object.
 */
function objectsOf(text: string, table: number): (id: number) => string {
  const [head = '', count = '0'] = /^xref\s+0 (\d+)\s*\n/.exec(text.slice(table, table + 40)) ?? [];
  return (id) => {
    // Each entry has 20 bytes (ISO 32000-1, 7.5.4).
    const entry = table + head.length + id * 20;
    const start = Number(found(/^(\d{10}) 00000 n/, text.slice(entry, entry + 20), `object ${id}`));
    const begin = `${id} 0 obj`;
    const end = text.indexOf('endobj', start);
    const body = text.slice(start + begin.length, end).trim();
    const isDictionary = body.startsWith('<<') && body.endsWith('>>');
    if (head === '' || id >= Number(count) || !text.startsWith(begin, start) || !isDictionary)
      throw new PdfNotOurs(`object ${id}`);
    if (/\/(AcroForm|Annots)\b/.test(body)) throw new PdfNotOurs('place for a signature field');
    return body;
  };
}

/** Down the first kid of each node of the tree of pages. */
function firstPage(objectOf: (id: number) => string, root: number): number {
  let id = Number(found(/\/Pages (\d+) 0 R/, objectOf(root), 'tree of pages'));
  for (let depth = 0; depth < 16; depth++) {
    const body = objectOf(id);
    if (/\/Type \/Page\b/.test(body)) return id;
    id = Number(found(/\/Kids \[\s*(\d+) 0 R/, body, 'page'));
  }
  throw new PdfNotOurs('page');
}

const added = (dictionary: string, entry: string): string =>
  `${dictionary.slice(0, -2).trimEnd()}\n  ${entry}\n>>`;

/** UTF-16BE with its byte order mark (ISO 32000-1, 7.9.2.2), as hexadecimal digits. */
const textString = (text: string): string =>
  `<feff${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
