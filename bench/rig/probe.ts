/**
 * Loaded into a server by `--import`: on SIGWINCH it collects garbage and writes what the main thread holds then to the
 * file of PROBE_FILE. Until then it does nothing.
 */
import { renameSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

const path = process.env["PROBE_FILE"];

if (isMainThread && path !== undefined) {
  process.on("SIGWINCH", () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    // Buffers are freed a round after what held them.
    for (let round = 0; round < 3; round += 1) gc();
    // Whole at once for whoever waits for it.
    writeFileSync(`${path}.new`, JSON.stringify(process.memoryUsage()));
    renameSync(`${path}.new`, path);
  });
}
