import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeAnswer, encodeRequest, groupTags, IppMalformed } from './message.js';

const text = (value: string) => Buffer.from(value);

describe('a request of IPP', () => {
  test('is laid out as RFC 8010, section 3.1 has it', () => {
    const bytes = encodeRequest({
      operation: 0x06,
      id: 258,
      operationAttributes: [
        { name: 'attributes-charset', tag: 'charset', values: ['utf-8'] },
        { name: 'last-document', tag: 'boolean', values: [true] },
      ],
      jobAttributes: [{ name: 'copies', tag: 'integer', values: [-1] }],
      document: text('%PDF'),
    });
    expect(bytes).toEqual(
      Buffer.concat([
        Buffer.of(1, 1, 0, 6, 0, 0, 1, 2),
        Buffer.of(0x01),
        Buffer.concat([Buffer.of(0x47, 0, 18), text('attributes-charset'), Buffer.of(0, 5)]),
        text('utf-8'),
        Buffer.concat([Buffer.of(0x22, 0, 13), text('last-document'), Buffer.of(0, 1, 1)]),
        Buffer.of(0x02),
        Buffer.concat([Buffer.of(0x21, 0, 6), text('copies'), Buffer.of(0, 4, 255, 255, 255, 255)]),
        Buffer.of(0x03),
        text('%PDF'),
      ]),
    );
  });

  test('has its further values without a name, and is read back as it was written', () => {
    const values = ['job-id', 'job-name', '作业'];
    const bytes = encodeRequest({
      operation: 0x0a,
      id: 7,
      operationAttributes: [
        { name: 'requested-attributes', tag: 'keyword', values },
        { name: 'limit', tag: 'integer', values: [-2_147_483_648] },
      ],
    });
    const { status, id, groups } = decodeAnswer(bytes);
    expect({ status, id }).toEqual({ status: 0x0a, id: 7 });
    expect(groups).toEqual([
      {
        tag: groupTags.operation,
        attributes: new Map<string, unknown>([
          ['requested-attributes', values],
          ['limit', [-2_147_483_648]],
        ]),
      },
    ]);
  });
});

/** An answer with one group of a printer, of these attributes. */
const answer = (...attributes: readonly Buffer[]) =>
  Buffer.concat([Buffer.of(1, 1, 0, 0, 0, 0, 0, 1, 0x04), ...attributes, Buffer.of(0x03)]);
const attribute = (tag: number, name: string, value: Uint8Array) =>
  Buffer.concat([
    Buffer.of(tag, 0, name.length),
    text(name),
    Buffer.of(value.length >> 8, value.length & 255),
    value,
  ]);

describe('an answer of IPP', () => {
  test('keeps what a collection holds apart from the attributes beside it', () => {
    const bytes = answer(
      attribute(0x34, 'media-col-default', Buffer.of()),
      attribute(0x4a, '', text('media-size')),
      attribute(0x34, '', Buffer.of()),
      attribute(0x4a, '', text('x-dimension')),
      attribute(0x21, '', Buffer.of(0, 0, 82, 8)),
      attribute(0x37, '', Buffer.of()),
      attribute(0x37, '', Buffer.of()),
      attribute(0x23, 'printer-state', Buffer.of(0, 0, 0, 3)),
    );
    expect(decodeAnswer(bytes).groups[0]?.attributes).toEqual(
      new Map<string, unknown>([
        ['media-col-default', []],
        ['printer-state', [3]],
      ]),
    );
  });

  test('has the text of a name with a language, and nothing for a value out of band', () => {
    const named = Buffer.concat([Buffer.of(0, 2), text('zh'), Buffer.of(0, 6), text('打印')]);
    const bytes = answer(
      attribute(0x36, 'job-name', named),
      attribute(0x13, 'time-at-processing', Buffer.of()),
    );
    expect(decodeAnswer(bytes).groups[0]?.attributes).toEqual(
      new Map<string, unknown>([
        ['job-name', ['打印']],
        ['time-at-processing', []],
      ]),
    );
  });

  test.each([
    ['that ends in its head', Buffer.of(1, 1, 0, 0, 0)],
    ['without an end', Buffer.of(1, 1, 0, 0, 0, 0, 0, 1, 0x04)],
    ['with an attribute before any group', Buffer.of(1, 1, 0, 0, 0, 0, 0, 1, 0x21, 0, 0, 0, 0, 3)],
    ['whose name is longer than what is left', answer(Buffer.of(0x44, 0xff, 0xf5))],
    [
      'whose value is longer than what is left',
      answer(Buffer.concat([Buffer.of(0x44, 0, 2), text('ab'), Buffer.of(0xff, 0xf5)])),
    ],
    ['with an integer of two bytes', answer(attribute(0x21, 'copies', Buffer.of(0, 1)))],
    ['with a collection that does not end', answer(attribute(0x34, 'media-col', Buffer.of()))],
    ['with a collection that did not begin', answer(attribute(0x37, 'media-col', Buffer.of()))],
    ['that begins with a further value', answer(attribute(0x21, '', Buffer.of(0, 0, 0, 1)))],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeAnswer(bytes)).toThrow(IppMalformed);
  });

  test('of any bytes is read to its end or refused as malformed', () => {
    const start = fc.constantFrom(Buffer.of(), Buffer.of(1, 1, 0, 0, 0, 0, 0, 1, 0x04));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, rest) => {
        try {
          decodeAnswer(Buffer.concat([head, rest]));
        } catch (error) {
          expect(error).toBeInstanceOf(IppMalformed);
        }
      }),
    );
  });
});
