import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { utf8Bytes, utf8Text } from '#libs/kernel';
import {
  cosign,
  formatCheckpoint,
  formatReceipt,
  leafHash,
  parseTilePath,
  proveInclusion,
  recordBytes,
  signCheckpoint,
  treeRoot,
  withSignature,
} from '#libs/log';
import { builtPages, namedPages } from '#libs/pages';
import { PagesModule } from '../../libs/pages/pages.module.js';
import { pagesStream } from '#libs/verify';
import { printedCodes, type PrintedProof } from '#libs/verify/printed-proof';
import { cityOf, keysNote, noon, policyOfPrints } from '../support/printed-pages.js';
import { witnesses } from '../support/small-log.js';

const origin = 'ledger.city.example';

/**
 * A city of which there is only what the page of verify asks for: the pages as they are served, and
 * a small log with their record.
 */
export class PaperCity {
  /** Seconds since 1970 that its answers carry. */
  now = noon + 60;
  /** What it says at an address of `/log/` or `/assets/` instead of the truth. */
  readonly lies = new Map<string, string>();
  /** Every address that was asked for. */
  readonly asked: string[] = [];

  private constructor(
    private readonly app: NestFastifyApplication,
    readonly url: string,
  ) {}

  static async start(name = origin): Promise<PaperCity> {
    const app = await NestFactory.create<NestFastifyApplication>(
      PagesModule.from(builtPages),
      new FastifyAdapter({ forceCloseConnections: true }),
      { logger: ['error'], abortOnError: false },
    );
    const leaves = [0, 1, 2].map((n) => leafHash(utf8Bytes(`another record ${n}`)));
    const { set, files } = await namedPages(builtPages);
    const bytes = recordBytes({
      v: 1,
      city: name,
      id: '0'.repeat(32),
      stream: pagesStream,
      version: 0,
      type: 'PagesPublished',
      schema: 1,
      time: '2026-11-30T04:00:00.000Z',
      actor: { client: 'city' },
      data: { files: files.map((file) => ({ ...file })), productVersion: '0.2.0', set },
      prev: null,
    });
    leaves.push(leafHash(bytes));
    const read = ({ index, width }: { readonly index: number; readonly width: number }) =>
      Buffer.concat(leaves.slice(index * 256, index * 256 + width));
    const size = leaves.length;
    const signed = signCheckpoint(
      { origin: name, size, root: treeRoot(size, read) },
      cityOf({ city: name }),
    );
    const checkpoint = witnesses
      .slice(0, 2)
      .reduce((so, one) => withSignature(so, cosign(signed, noon, one)), signed);
    const receipt = formatReceipt({
      extra: null,
      index: 3,
      path: proveInclusion(3, size, read),
      checkpoint,
    });
    const fastify = app.getHttpAdapter().getInstance();
    const city: { of?: PaperCity } = {};
    fastify.addHook('onRequest', (request, reply, done) => {
      city.of?.asked.push(request.url);
      reply.header('date', new Date((city.of?.now ?? 0) * 1000).toUTCString());
      const lie = city.of?.lies.get(request.url);
      if (lie !== undefined && request.url.startsWith('/assets/'))
        void reply.type('text/javascript').send(lie);
      else done();
    });
    const served = (path: string, type: string, content: () => string) => {
      fastify.get(path, (_, reply) => reply.type(type).send(city.of?.lies.get(path) ?? content()));
    };
    served('/log/policy', 'text/plain', () => policyOfPrints(name));
    served('/log/authority-keys', 'text/plain', () => keysNote(2000, name));
    served('/log/checkpoint', 'text/plain', () => formatCheckpoint(checkpoint));
    served('/log/pages', 'application/json', () =>
      JSON.stringify({ record: { bytes: utf8Text(bytes) }, receipt }),
    );
    fastify.get('/log/tile/*', (request, reply) =>
      reply.type('application/octet-stream').send(read(parseTilePath(request.url.slice(5)))),
    );
    await app.listen(0, '127.0.0.1');
    return (city.of = new PaperCity(app, (await app.getUrl()).replace('[::1]', '127.0.0.1')));
  }

  /** The texts of a proof's codes, as this city prints them. */
  codesOf(proof: PrintedProof): readonly string[] {
    return printedCodes(proof, `${this.url}/p#`).map(({ address, digits }) => address + digits);
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}
