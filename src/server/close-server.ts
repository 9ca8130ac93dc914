import type { Server } from "node:http";
import type { Cancel, Clock } from "../lib/clock.ts";

/** Clients that read slowly, or hold a connection open, are cut after this. */
const CLOSE_WITHIN_MS = 5_000;

/** How often connections are looked for whose last answer is out; node:http keeps them, for a next request. */
const SWEEP_INTERVAL_MS = 50;

/** Answers under way are finished; connections without any are closed. `onCut` is told when some had to be cut. */
export function closeServer(edge: Server, clock: Clock, onCut: () => void): Promise<void> {
  return new Promise((resolve) => {
    const cut = clock.after(CLOSE_WITHIN_MS, () => {
      onCut();
      edge.closeAllConnections();
    });
    let stopSweeping: Cancel = () => {};
    edge.close(() => {
      cut();
      stopSweeping();
      resolve();
    });
    sweep();

    function sweep(): void {
      edge.closeIdleConnections();
      stopSweeping = clock.after(SWEEP_INTERVAL_MS, sweep);
    }
  });
}
