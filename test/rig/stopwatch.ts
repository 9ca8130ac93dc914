// Time as the program takes it, on a machine that others use, too.

const LOOK_EVERY_MS = 5;

/**
 * Answers how long it has been since, less the time for which this thread was kept from running: a look came late, and
 * not because the thread computed meanwhile. What the program waits for, and what it computes, is counted in full.
 */
export function startStopwatch(): () => number {
  const startedAt = performance.now();
  let keptMs = 0;
  let last = moment();
  const timer = setInterval(look, LOOK_EVERY_MS);

  function look(): void {
    const now = moment();
    keptMs += Math.max(0, now.at - last.at - (now.computedMs - last.computedMs) - 2 * LOOK_EVERY_MS);
    last = now;
  }

  return () => {
    clearInterval(timer);
    look();
    return last.at - startedAt - keptMs;
  };
}

function moment(): { readonly at: number; readonly computedMs: number } {
  return { at: performance.now(), computedMs: computedMs() };
}

/** What this thread has computed so far; no time in which others had its processor. */
export function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
