const endOfCentralDirectory = 0x06054b50;
const centralHeader = 0x02014b50;
const endLength = 22;
const headerLength = 46;
/** The end stands behind the directory, with a comment of at most so many bytes. */
const maxCommentBytes = 0xffff;
/** More than a certificate of pages, fonts and seals has. */
const maxEntries = 10_000;

/**
 * Whether bytes are a package of GB/T 33190 (OFD), as far as its parts tell: a ZIP (APPNOTE 6.3,
 * one volume, no ZIP64) with a whole central directory and, once, the entry document `OFD.xml` in
 * its root, stored or deflated and not encrypted. Reads the directory alone, at most 10,000
 * entries, and unpacks nothing: what a reader makes of the pages is not judged here.
 */
export function isOfd(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  if (end === null) return false;
  const entries = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  const start = view.getUint32(end + 16, true);
  const oneVolume =
    view.getUint16(end + 4, true) === 0 &&
    view.getUint16(end + 6, true) === 0 &&
    view.getUint16(end + 8, true) === entries;
  if (!oneVolume || entries === 0 || entries > maxEntries || start + size !== end) return false;
  let documents = 0;
  let at = start;
  for (let n = 0; n < entries; n++) {
    const entry = entryAt(view, at, end);
    if (entry === null) return false;
    if (entry.name === 'OFD.xml') {
      if (!entry.isReadable) return false;
      documents++;
    }
    at = entry.next;
  }
  return at === end && documents === 1;
}

/** Where the end of the central directory begins; what a comment holds is not taken for one. */
function endOf(view: DataView): number | null {
  const last = view.byteLength - endLength;
  for (let at = last; at >= Math.max(0, last - maxCommentBytes); at--)
    if (
      view.getUint32(at, true) === endOfCentralDirectory &&
      at + endLength + view.getUint16(at + 20, true) === view.byteLength
    )
      return at;
  return null;
}

function entryAt(view: DataView, at: number, end: number) {
  if (at + headerLength > end || view.getUint32(at, true) !== centralHeader) return null;
  const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
  const next = at + headerLength + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  if (next > end) return null;
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const offset = view.getUint32(at + 42, true);
  const named = new Uint8Array(view.buffer, view.byteOffset + at + headerLength, name);
  return {
    name: Buffer.from(named).toString('latin1'),
    isReadable:
      (flags & 1) === 0 &&
      (method === 0 || method === 8) &&
      view.getUint32(at + 24, true) > 0 &&
      offset + 4 <= at &&
      view.getUint32(offset, true) === localHeader,
    next,
  };
}

const localHeader = 0x04034b50;
