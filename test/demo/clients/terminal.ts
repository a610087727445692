import { setTimeout as wait } from 'node:timers/promises';
import { type Schemas, signStatement } from '#libs/api-client';
import { perform } from '../stage.js';
import { command, commandOn, explain, nowSeconds, told } from './door.js';
import { own, registered } from './registered.js';

interface OfConsent {
  readonly id: string;
  readonly consent: string;
}

/**
 * A window terminal's program, and that of a department's system: what a clerk, or another
 * department, does.
 */
perform(
  {
    ...registered,
    identify: (body: Schemas['IdentifySubjectBody']) =>
      told(own.api().POST('/v1/subjects/identify', { params: command(), body })),
    openEnrolment: (body: Schemas['OpenEnrolmentBody']) =>
      told(own.api().POST('/v1/enrolments', { params: command(), body })),
    async confirmEnrolment({ enrolment, jkt }: { enrolment: string; jkt: string }) {
      const seen = await told(
        own.api().GET('/v1/enrolments/{id}', { params: { path: { id: enrolment } } }),
      );
      // The clerk compares what the phone shows with what the ledger says that it was offered.
      if (seen.jkt !== jkt) throw new TypeError('another key was offered');
      const statement = await signStatement(own.key, 'enrolment+jws', {
        sub: seen.subject,
        enrolment,
        jkt,
        iat: nowSeconds(),
      });
      return told(
        own.api().POST('/v1/enrolments/{id}/confirm', {
          params: commandOn({ id: enrolment }),
          body: { statement },
        }),
      );
    },
    openCase: (body: Schemas['OpenCaseDto']) =>
      told(own.api().POST('/v1/cases', { params: command(), body })),
    viewCase: ({ id }: { id: string }) =>
      told(own.api().GET('/v1/cases/{id}', { params: { path: { id } } })),
    closeCase: ({ id }: { id: string }) =>
      told(
        own.api().POST('/v1/cases/{id}/close', {
          params: commandOn({ id }),
          body: { outcome: 'accepted' },
        }),
      ),
    ask: ({ id, ...body }: { id: string } & Schemas['RequestConsentDto']) =>
      told(own.api().POST('/v1/cases/{id}/consents', { params: commandOn({ id }), body })),
    state: ({ id, consent }: OfConsent) =>
      told(
        own.api().GET('/v1/cases/{id}/consents/{consent}', { params: { path: { id, consent } } }),
      ),
    token: ({ id, consent }: OfConsent) =>
      told(
        own.api().POST('/v1/cases/{id}/consents/{consent}/token', {
          params: commandOn({ id, consent }),
        }),
      ),
    pull: (body: Schemas['PullReleaseDto']) =>
      told(own.api().POST('/v1/releases', { params: command(), body })),
    readAgain: ({ id, consent }: OfConsent) =>
      told(
        own.api().POST('/v1/cases/{id}/consents/{consent}/read-again', {
          params: commandOn({ id, consent }),
        }),
      ),
    /** Waits until the window's board, which follows the ledger, shows the case. */
    async board({ id }: { id: string }) {
      for (let tries = 0; tries < 50; tries++) {
        const { cases } = await told(own.api().GET('/v1/board'));
        const found = cases.find((each) => each.case === id);
        if (found !== undefined) return found;
        await wait(100);
      }
      return null;
    },
  },
  explain,
);
