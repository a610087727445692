import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskedText, textFault, visible, visibleJson, visibleLines } from './text.js';

describe('a text that is signed or shown', () => {
  it.each([
    ['a replacement character', '测\ufffd甲', 'U+FFFD', 2, 'replacement-character'],
    ['a noncharacter', '测试\ufdd0', 'U+FDD0', 3, 'noncharacter'],
    ['a noncharacter of a higher plane', '\u{1fffe}', 'U+1FFFE', 1, 'noncharacter'],
    ['an override of direction', '甲\u202e乙', 'U+202E', 2, 'bidi-control'],
    ['an isolate', '\u2066甲', 'U+2066', 1, 'bidi-control'],
    ['an Arabic letter mark', '甲\u061c', 'U+061C', 2, 'bidi-control'],
    ['a zero-width space', '测\u200b试', 'U+200B', 2, 'invisible'],
    ['a zero-width joiner between Han', '测\u200d试', 'U+200D', 2, 'invisible'],
    ['a zero-width non-joiner between Latin', 'a\u200cb', 'U+200C', 2, 'invisible'],
    ['a word joiner', '测\u2060', 'U+2060', 2, 'invisible'],
    ['a byte order mark inside', '测\ufeff试', 'U+FEFF', 2, 'invisible'],
    ['a soft hyphen', '示\u00ad例', 'U+00AD', 2, 'invisible'],
    ['a Hangul filler', '\u3164', 'U+3164', 1, 'invisible'],
    ['a braille blank', '\u2800', 'U+2800', 1, 'invisible'],
    ['a variation selector behind Han', '葛\u{e0100}', 'U+E0100', 2, 'invisible'],
    ['a Mongolian selector behind Han', '葛\u180b', 'U+180B', 2, 'invisible'],
    ['a tag character', '测\u{e0041}', 'U+E0041', 2, 'tag'],
    ['a line separator', '测\u2028试', 'U+2028', 2, 'line-separator'],
    ['a next line', '测\u0085', 'U+0085', 2, 'control'],
    ['a control character', '测\u0007', 'U+0007', 2, 'control'],
    ['a tab', '测\t试', 'U+0009', 2, 'control'],
    ['a line break on one line', '测\n试', 'U+000A', 2, 'control'],
    ['half of a pair', '测\ud800', 'U+D800', 2, 'lone-surrogate'],
    ['the other half', '\udc00试', 'U+DC00', 1, 'lone-surrogate'],
  ])('has no %s', (_, text, codePoint, at, why) => {
    expect(textFault(text)).toEqual({ codePoint, at, why });
  });

  it.each([
    ['a Chinese name', '欧阳·测试'],
    ['a rare character outside the BMP', '\u{2a6a5}\u{30edd}'],
    ['a private-use character of an old register', '\ue815'],
    ['spaces of both widths', '示例 市\u3000甲'],
    ['Uyghur with a non-joiner', 'ئا\u200cئى'],
    ['Mongolian with its vowel separator', 'ᠬᠠ\u180eᠠ'],
    ['a virama with a joiner', 'क्\u200dष'],
    ['accents, composed or not', 'Ren\u0065\u0301e'],
  ])('may have %s', (_, text) => {
    expect(textFault(text)).toBeNull();
  });

  it('of several lines has line breaks, and no other control', () => {
    expect(textFault('一\n二', 'several')).toBeNull();
    expect(textFault('一\r\n二', 'several')).toMatchObject({ codePoint: 'U+000D' });
  });

  it('holds nothing that ASCII cannot show, nor anything that has no canonical form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        if (textFault(text) !== null) return;
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffd]/u);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what is told to a terminal', () => {
  const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800]/u;
  const hostile = 'a\u001b[2J\u0007\u202e\u009b\u2028\u200b\u3164';
  it('has nothing that it would obey or hide', () => {
    expect(visible(`${hostile}\n`)).toBe(
      String.raw`a\u{1b}[2J\u{7}\u{202e}\u{9b}\u{2028}\u{200b}\u{3164}\u{a}`,
    );
    expect(visibleLines(`甲\n${hostile}`).split('\n')).toHaveLength(2);
  });
  it('is as JSON the same value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const told = visibleJson({ text, hostile });
        expect(told).not.toMatch(obeyed);
        expect(JSON.parse(told)).toEqual({ text, hostile });
        expect(visible(text)).not.toMatch(obeyed);
      }),
    );
  });
});

describe('a picture of a value', () => {
  it('shows how it is written and not what', () => {
    expect(maskedText('2020/1/1')).toBe('####/#/#');
    expect(maskedText('测试甲 A1\u202e')).toBe('某某某 A#<U+202E>');
    expect(maskedText('1'.repeat(50))).toBe(`${'#'.repeat(40)}…`);
  });
  it('has no digit, no letter but A, and no Han but 某', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const rest = maskedText(text).replaceAll(/<U\+[0-9A-F]+>/g, '');
        expect(rest).not.toMatch(/[0-9B-Za-z]/);
        expect(rest.replaceAll('某', '')).not.toMatch(/\p{Script=Han}/u);
      }),
    );
  });
});
