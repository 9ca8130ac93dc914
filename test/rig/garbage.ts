import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What memory is measured after: only what is still held is left. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  // Buffers are freed a round after what held them.
  gc();
}
