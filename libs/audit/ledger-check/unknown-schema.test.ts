import { describe, expect, it } from '@jest/globals';
import { caseSchemas } from '#libs/case';
import { certificateSchemas } from '#libs/certificate';
import { consentSchemas } from '#libs/consent';
import type { Schemas } from '#libs/event-store';
import { exclusionSchemas } from '#libs/exclusion';
import { identitySchemas, operatorSchemas } from '#libs/identity';
import { pagesSchemas } from '#libs/pages';
import { subjectSchemas } from '#libs/subject';
import { SealedLedger } from '../../../test/support/sealed-ledger.js';
import { told } from './rule-shapes.js';
import { findings, sayIn, scene } from '../../../test/support/checked-ledger.js';

describe('a record of a schema that the program does not know', () => {
  it('is shown itself, and nothing behind it is accused', async () => {
    const ledger = await SealedLedger.make();
    const say = sayIn(() => ledger);
    const [before, here] = [scene(say), scene(say)];
    await before.readAgain();
    await here.ask({ schema: 2 });
    for (const step of [here.grant, here.redeem, here.readAgain]) await step();
    expect(await findings(ledger)).toMatchObject([
      { stream: before.book, what: 'reading_without_release' },
      { stream: here.book, version: 0, what: 'schema_unknown' },
    ]);
    await ledger.close();
  });

  it('is none that this release writes', () => {
    const schemas: Schemas = {
      ...caseSchemas,
      ...certificateSchemas,
      ...consentSchemas,
      ...exclusionSchemas,
      ...identitySchemas,
      ...operatorSchemas,
      ...pagesSchemas,
      ...subjectSchemas,
    };
    // A new upcaster also says in `told` where the members are now.
    for (const [type, shapes] of told)
      expect([type, shapes.length]).toEqual([type, schemas[type]!.length + 1]);
  });
});
