// Waits that fail with words of their own, before the test that waits is cut with none.

/** Longer than anything takes on a busy machine, and shorter than a test may. */
export const PATIENCE_MS = 60_000;

/** What comes of `promise`; rejects with what is said when nothing does, unless `signal` says that nobody waits any more. */
export async function patiently<T>(
  promise: Promise<T>,
  failure: () => string,
  signal?: AbortSignal,
): Promise<T> {
  // Here, so that its stack tells who waits.
  const error = new Error();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    if (signal?.aborted === true) return;
    error.message = `Not within ${PATIENCE_MS} ms: ${failure()}`;
    late.reject(error);
  }, PATIENCE_MS);
  // Nobody is kept from ending by a wait that was given up.
  timer.unref();
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
