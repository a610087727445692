import { AbsentError, InternalError, UnavailableError } from '#libs/kernel';

/** There is no such file among the pages. */
export class PageAbsent extends AbsentError<'page_absent'> {}

/** The pages were not built beside the program: `npm run build` makes them. */
export class PagesNotBuilt extends UnavailableError<'pages_not_built'> {}

/** A file of the pages has a name that no record can hold. */
export class PagesUnusable extends InternalError<'pages_unusable'> {}

/** No set of this name was ever recorded, or none at all. */
export class PagesNotRecorded extends AbsentError<'pages_not_recorded'> {}
