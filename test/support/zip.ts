import { crc32 } from 'node:zlib';

interface ZipOptions {
  readonly comment?: string;
  /** General purpose bits of each entry. */
  readonly flags?: number;
  /** How many entries the end says that there are, where that is to be another number. */
  readonly entries?: number;
}

/** A ZIP (APPNOTE 6.3) of files that are stored as they are. */
export function zip(files: Readonly<Record<string, Buffer>>, options: ZipOptions = {}): Buffer {
  const { comment = '', flags = 0 } = options;
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path, 'utf8');
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(flags, 2);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name, content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, place, name);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  const count = Object.keys(files).length;
  const words = Buffer.from(comment, 'latin1');
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(options.entries ?? count, 8);
  end.writeUInt16LE(options.entries ?? count, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(words.length, 20);
  return Buffer.concat([...parts, central, end, words]);
}
