import { setTimeout as wait } from 'node:timers/promises';
import { signStatement } from '#libs/api-client';
import { perform } from '../stage.js';
import { explain, nowSeconds, text } from './door.js';
import { own, registered } from './registered.js';

/** A window terminal's program, and that of a department's system: what a clerk, or another department, does. */
perform(
  {
    ...registered,
    exemptions: ({ matter }: { matter: string }) =>
      own.door().get(`/v1/matters/${matter}/exemptions`),
    identify: (body: unknown) => own.door().post('/v1/subjects/identify', body),
    openEnrolment: (body: unknown) => own.door().post('/v1/enrolments', body),
    async confirmEnrolment({ enrolment, jkt }: { enrolment: string; jkt: string }) {
      const seen = await own.door().get(`/v1/enrolments/${enrolment}`);
      // The clerk compares what the phone shows with what the ledger says that it was offered.
      if (text(seen, 'jkt') !== jkt) throw new TypeError('another key was offered');
      const statement = await signStatement(own.key, 'enrolment+jws', {
        sub: text(seen, 'subject'),
        enrolment,
        jkt,
        iat: nowSeconds(),
      });
      return own.door().post(`/v1/enrolments/${enrolment}/confirm`, { statement });
    },
    openCase: (body: unknown) => own.door().post('/v1/cases', body),
    viewCase: ({ id }: { id: string }) => own.door().get(`/v1/cases/${id}`),
    closeCase: ({ id }: { id: string }) =>
      own.door().post(`/v1/cases/${id}/close`, { outcome: 'accepted' }),
    ask: ({ id, ...body }: { id: string }) => own.door().post(`/v1/cases/${id}/consents`, body),
    state: ({ id, consent }: { id: string; consent: string }) =>
      own.door().get(`/v1/cases/${id}/consents/${consent}`),
    token: ({ id, consent }: { id: string; consent: string }) =>
      own.door().post(`/v1/cases/${id}/consents/${consent}/token`),
    pull: ({ token }: { token: string }) => own.door().post('/v1/releases', { token }),
    readAgain: ({ id, consent }: { id: string; consent: string }) =>
      own.door().post(`/v1/cases/${id}/consents/${consent}/read-again`),
    /** Waits until the window's board, which follows the ledger, shows the case. */
    async board({ id }: { id: string }) {
      for (let tries = 0; tries < 50; tries++) {
        const { cases } = (await own.door().get('/v1/board')) as { cases: { case: string }[] };
        const found = cases.find((each) => each.case === id);
        if (found !== undefined) return found;
        await wait(100);
      }
      return null;
    },
  },
  explain,
);
