import { isObject } from '#libs/kernel';
import { arePagesInOrder, nameOfPages, pagesStream } from '#libs/verify';
import { list, type DecodedRecord, text } from './decoded-record.js';
import { nodeSha256 } from '#libs/sealing';

/** The type that these rules are about. */
export const pagesType = 'PagesPublished';

/**
 * Whether a published set of pages is what it says: named by its files, each told once, and
 * appended by the city itself in the one stream of such sets, in which no set follows itself.
 */
export class PagesRules {
  #last = '';

  take({ at, said, found }: DecodedRecord): void {
    const set = text(said, 'set');
    const files = list(said['files'])
      .filter(isObject)
      .map((file) => ({ path: text(file, 'path'), hash: text(file, 'hash') }));
    if (!arePagesInOrder(files) || nameOfPages(files, nodeSha256) !== set)
      found('pages_set_misnamed');
    if (text(said, 'actor') !== 'city' || at.stream !== pagesStream) found('pages_not_of_city');
    else if (set === this.#last) found('pages_set_twice');
    else this.#last = set;
  }
}
