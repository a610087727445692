const underWay = new Set<Promise<void>>();

/**
 * Runs work after the response was sent, because its duration would tell whether a number was
 * known. A failure is ignored: the next request for the number finishes the work.
 */
export function afterTheAnswer(work: () => Promise<void>): void {
  const done = new Promise<void>((resolve) => setImmediate(resolve))
    .then(work)
    .catch(() => undefined)
    .finally(() => underWay.delete(done));
  underWay.add(done);
}

/** Waits for all work that was started; called before the store and the database are closed. */
export async function settled(): Promise<void> {
  while (underWay.size > 0) await Promise.all(underWay);
}
