// A process of its own that a fault may hit: enqueues as fast as it can and writes each acknowledged id to its output.
//   node child-load.ts FOLDER BODY_BYTES     BODY_BYTES 0: only opens the store and waits

import { openStore } from "../../src/store/open.ts";
import { newTask } from "./rig.ts";

const [folder = "", bodyBytes = "0"] = process.argv.slice(2);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const store = await openStore({ kind: "sqlite", folder, onFatal: (error) => say(`fatal ${error.code}`) });
say("open");

/** An end, should the fault not come: no test fills a real disk. */
let left = Math.min(30_000, 200_000_000 / Number(bodyBytes));

async function enqueueOn(): Promise<void> {
  const body = { kind: "inline", bytes: new Uint8Array(Number(bodyBytes)) } as const;
  while (left-- > 0) {
    const task = newTask({ client: "load", request: { method: "POST", path: "/", headers: [], body } });
    await store.enqueue(task, Infinity).then(
      () => say(task.id),
      (error: { code: string }) => {
        left = 0;
        say(`rejected ${error.code}`);
      },
    );
  }
}

if (bodyBytes === "0") setInterval(() => {}, 1_000_000);
else {
  await Promise.all(Array.from({ length: 32 }, enqueueOn));
  // What was refused once is refused for ever.
  await store.enqueue(newTask(), Infinity).then(
    () => say("accepted afterwards"),
    () => say("refused afterwards"),
  );
  await store.close();
}
