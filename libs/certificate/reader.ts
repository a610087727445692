import { Injectable } from '@nestjs/common';
import { EventStore } from '#libs/event-store';
import { newestOf } from './certificate.decider.js';
import type { CertificateVersion } from './certificate.events.js';
import { type CertificateNow, CertificateReader } from './ports.js';
import { standingNow } from './standing.js';
import { certificateStream, isCertificateId, loadCertificate } from './certificate.stream.js';

/** Reads certificates from their own streams. */
@Injectable()
export class StreamCertificateReader extends CertificateReader {
  constructor(private readonly store: EventStore) {
    super();
  }

  async read(certificate: string, day: string): Promise<CertificateNow | null> {
    if (!isCertificateId(certificate)) return null;
    const { state, version, head } = await loadCertificate(this.store, certificate);
    if (state.status === 'absent' || head === null) return null;
    return {
      certificate,
      type: state.type,
      authority: state.authority,
      standing: standingNow(state, day),
      version: newestOf(state),
      stream: certificateStream(certificate),
      streamVersion: version,
      head,
    };
  }

  async headsOf(certificates: readonly string[]): Promise<readonly (string | null)[]> {
    const heads = await this.store.streamHeads(certificates.map(certificateStream));
    return heads.map((head) => head?.hash ?? null);
  }

  async versionOf(certificate: string, number: number): Promise<CertificateVersion | null> {
    if (!isCertificateId(certificate)) return null;
    const { state } = await loadCertificate(this.store, certificate);
    if (state.status === 'absent') return null;
    return state.versions.find((version) => version.number === number) ?? null;
  }
}
