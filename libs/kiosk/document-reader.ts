import { ConflictError, RefusedError } from '#libs/kernel';

/** What a reader reads of a document that a person lays on it. */
export interface ReadDocument {
  /** Kind of the number by GB/T 36903: 111 is a resident id number. */
  readonly kind: '111';
  readonly number: string;
  readonly name: string;
}

/**
 * The document reader of a kiosk. A real one is its maker's library behind this port; none of what
 * it reads may be kept or logged.
 */
export interface DocumentReader {
  /** `sample` works in a trial alone. */
  readonly is: 'maker' | 'sample';

  /**
   * The document that lies there. Must give each laying-on once, so that the next person gets
   * nothing of the last.
   * @returns null where none lies there. @throws DocumentUnread, SampleReaderRefused
   */
  take(): Promise<ReadDocument | null>;
}

/** A document lies there and cannot be read: it is to be laid on again. */
export class DocumentUnread extends ConflictError<'document_unread'> {
  constructor() {
    super('document_unread', 'the document on the reader cannot be read');
  }
}

/** A reader of made-up documents anywhere but beside a city that says it is a trial. */
export class SampleReaderRefused extends RefusedError<'sample_reader_outside_trial'> {
  constructor() {
    super('sample_reader_outside_trial', 'the city is not known to be a trial');
  }
}
