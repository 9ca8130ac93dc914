import assert from "node:assert/strict";
import { test } from "node:test";
import { openTelling } from "./telling.ts";

test("the stream of whoever can be told no more is ended, so that its client comes again", async (t) => {
  const lost: (() => void)[] = [];
  let stops = 0;
  const { listen } = await openTelling(t, {
    followNews(_after, _onNews, onLost) {
      lost.push(onLost);
      return { isWhole: true, latest: () => "00000000-7", stop: () => (stops += 1) };
    },
  });
  const stream = await listen("/events?types=task");
  while (stream.lastEventId === "") await new Promise(setImmediate);
  for (const lose of lost) lose();
  await stream.ended;
  assert.deepEqual([stream.lastEventId, lost.length, stops], ["00000000-7", 1, 1]);
});
