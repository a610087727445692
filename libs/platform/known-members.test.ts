import { describe, expect, test } from '@jest/globals';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { takeKnownMembers } from './known-members.js';
import { strictValidation } from './validation.js';

class Leaf {
  @IsString()
  name!: string;
}
class Tree {
  @IsOptional()
  @IsInt()
  @Type(() => Number)
  count?: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => Leaf)
  leaf?: Leaf;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @ValidateNested({ each: true })
  @Type(() => Leaf)
  leaves?: Leaf[];

  @IsOptional()
  @IsObject()
  free?: Record<string, unknown>;

  @ApiProperty({ nullable: true, type: String })
  @IsOptional()
  @IsString()
  note?: string | null;
}

/** The names that every JavaScript object has. */
const ofEveryObject = Object.getOwnPropertyNames(Object.prototype).filter(
  (name) => name !== '__proto__',
);

async function refusal(value: unknown): Promise<readonly string[] | null> {
  const validation = strictValidation();
  try {
    await validation.transform(value, { type: 'body', metatype: Tree });
  } catch (error) {
    return (error as { facts: { members: readonly string[] } }).facts.members;
  }
  return null;
}

describe('the members of a body', () => {
  test.each(ofEveryObject)('named %s are unknown at every depth that is declared', async (name) => {
    const hostile = JSON.parse(`{"${name}":1}`) as object;
    expect(await refusal(hostile)).toEqual([`${name}: unknown member`]);
    expect(await refusal({ leaf: { name: 'a', ...hostile } })).toEqual([
      `leaf.${name}: unknown member`,
    ]);
    expect(await refusal({ leaves: [{ name: 'a' }, { name: 'a', ...hostile }] })).toEqual([
      `leaves.1.${name}: unknown member`,
    ]);
  });

  test('are null only where the contract says so', async () => {
    expect(await refusal({ note: null })).toBeNull();
    for (const name of ['count', 'leaf', 'leaves', 'free'])
      expect(await refusal({ [name]: null })).toEqual([`${name}: must not be null`]);
    expect(await refusal({ leaves: [null] })).not.toBeNull();
    expect(await refusal(null)).toEqual(['body: isObject']);
  });

  test('are no list where an object is declared, nor the other way round', async () => {
    expect(await refusal({ leaf: [{ name: 'a' }] })).toContain('leaf: isObject');
    for (const leaves of [{ name: 'a' }, [[{ name: 'a' }]], ['a'], [{}]])
      expect(await refusal({ leaves })).not.toBeNull();
    expect(await refusal({ leaves: Array(4).fill({ name: 'a' }) })).toEqual([
      'leaves: arrayMaxSize, no more than 3 elements',
    ]);
  });

  test('are told of twenty at a time, beside those that break a rule', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`m${n}`, n]));
    expect(await refusal({ count: 'x', ...many })).toHaveLength(20);
    expect((await refusal({ count: 'x', ...many }))?.[0]).toBe('count: isInt');
  });

  test('whatever comes, only declared ones are taken, as they came', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(
            fc.constantFrom('count', 'leaf', 'leaves', 'free', 'note', ...ofEveryObject),
            fc.string(),
          ),
          fc.jsonValue(),
        ),
        (value) => {
          const { taken, wrong } = takeKnownMembers(Tree, value, 'body');
          expect(taken).toBeInstanceOf(Tree);
          if (wrong.length === 0) expect({ ...(taken as object) }).toEqual(value);
          const known = ['count', 'leaf', 'leaves', 'free', 'note'];
          const unknown = Object.keys(value).filter((name) => !known.includes(name));
          expect(wrong.length).toBeGreaterThanOrEqual(Math.min(20, unknown.length));
        },
      ),
    );
  });
});

describe('a number in a query', () => {
  test.each([
    ['12', 12],
    ['-3', -3],
    ['', ''],
    ['1e3', '1e3'],
    ['0x10', '0x10'],
    [' 7', ' 7'],
    ['9'.repeat(16), '9'.repeat(16)],
  ])('%p is read as %p', (text, count) => {
    expect(takeKnownMembers(Tree, { count: text }, 'query').taken).toEqual({ count });
  });
});
