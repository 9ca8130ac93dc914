// Loaded by the program before its own code: how long its main thread was held at most, told on standard error upon SIGUSR2.
//
// What counts is the time on a processor, between two ticks of a timer, of this one thread. On a machine that is busy with
// other things that is the same as on one that is not.

import { isMainThread } from "node:worker_threads";

function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

if (isMainThread) {
  let before = usedMs();
  let longest = 0;
  setInterval(() => {
    const now = usedMs();
    longest = Math.max(longest, now - before);
    before = now;
  }, 1).unref();
  process.on("SIGUSR2", () => {
    process.stderr.write(`[longest turn ${longest} ms]\n`);
    longest = 0;
  });
}
