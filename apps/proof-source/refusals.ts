import { InvalidError, RefusedError } from '#libs/kernel';

/** The source makes statements up out of a file: of a real city it answers nothing. */
export class SourceRefused extends RefusedError<'city_not_trial'> {}

/** The file of records, or what the source keeps, cannot be used. */
export class RecordsUnusable extends InvalidError<'records_unusable'> {}

/** A request asks under an id that was answered for somebody else, or for another type. */
export class RequestReused extends InvalidError<'request_reused'> {}
