import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { targetUri } from './target-uri.js';

describe('the target URI of a proof', () => {
  test.each([
    String.raw`https://h.example\a`,
    ' https://h.example/a',
    'https://h.example/a ',
    'https:h.example/a',
    'https:/h.example/a',
    'https:///h.example/a',
    'https://h.example/a\tb',
    'https://h.exa\nmple/a',
    'https://user@h.example/a',
    'https://user:pass@h.example/a',
    'https://h.example:80x/a',
    'https://h.example/a%',
    'https://h.example/a%2',
    'https://h.example/a%zz',
    'https://h.example/市',
    'https://市.example/a',
    'https://h.example/a|b',
    'https://h.example/"a"',
    'https://h.example/<a>',
    'https://h.example/[a]',
    'https://h.example/a?b\\c',
    'https://[::1/a',
    'https://[h.example]/a',
    'ftp://h.example/a',
    '//h.example/a',
    '/a',
    'h.example/a',
    '',
    `https://h.example/${'a'.repeat(9000)}`,
  ])('is not what RFC 3986 does not have: %j', (text) => {
    expect(targetUri(text)).toBeNull();
  });

  test.each([
    ['HTTPS://H.Example/a', 'https://h.example/a'],
    ['https://h.example', 'https://h.example/'],
    ['https://h.example:443/a', 'https://h.example/a'],
    ['https://h.example:0443/a', 'https://h.example/a'],
    ['https://h.example:/a', 'https://h.example/a'],
    ['http://h.example:80', 'http://h.example/'],
    ['http://h.example:443/', 'http://h.example:443/'],
    ['https://h.example/%7Ea', 'https://h.example/~a'],
    ['https://h.example/%7ea', 'https://h.example/~a'],
    ['https://h.example/a%2fb', 'https://h.example/a%2Fb'],
    ['https://h.example/%E5%b8%82', 'https://h.example/%E5%B8%82'],
    ['https://h%2Eexample/', 'https://h.example/'],
    ['https://%48.example/', 'https://h.example/'],
    ['https://h.example/a/./b/../c', 'https://h.example/a/c'],
    ['https://h.example/a/%2e%2E/b/..', 'https://h.example/'],
    ['https://h.example/../a', 'https://h.example/a'],
    ['https://h.example/a//b/', 'https://h.example/a//b/'],
    ['https://h.example/a?b=c&d#e', 'https://h.example/a'],
    ['https://0x7f.1/a', 'https://0x7f.1/a'],
    ['https://[2001:DB8::1]:8443/a', 'https://[2001:db8::1]:8443/a'],
  ])('%s is normalised to %s', (text, normal) => {
    expect(targetUri(text)).toBe(normal);
    expect(targetUri(normal)).toBe(normal);
  });

  test('is the same however the unreserved are encoded, and another where the path is', () => {
    const path = fc.array(fc.constantFrom(...Array.from('abz019-._~/%:@!$&()*+,;=')), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(path, fc.nat(), (letters, seed) => {
        const uri = (spell: (letter: string, n: number) => string) =>
          `https://h.example/${letters.map((letter, n) => (letter === '%' ? '%25' : spell(letter, n))).join('')}`;
        const plain = targetUri(uri((letter) => letter));
        const spelled = uri((letter, n) =>
          /[a-z0-9\-._~]/.test(letter) && (seed >> (n % 31)) & 1
            ? `%${letter.charCodeAt(0).toString(16)}`
            : letter,
        );
        expect(targetUri(spelled)).toBe(plain);
        expect(plain).not.toBeNull();
        expect(targetUri(plain ?? '')).toBe(plain);
      }),
    );
  });
});
