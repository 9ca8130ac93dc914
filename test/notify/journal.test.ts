import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Following } from "../../src/notify/journal.ts";
import { follower, stage } from "./journal-stage.ts";

test("many events are told in one go, a few times a second", () => {
  const { clock, add, follow } = stage();
  const { hear, batches, texts } = follower();
  follow(null, hear);
  for (const text of ["a", "b", "c"]) add(text);
  assert.deepEqual(batches, []);
  clock.advance(50);
  add("d");
  clock.advance(50);
  assert.deepEqual(
    [batches, texts()],
    [
      [3, 1],
      ["a", "b", "c", "d"],
    ],
  );
  assert.equal(clock.timers, 0);
});

test("whoever comes again is told what came meanwhile; whoever is new, nothing of the past", () => {
  const { clock, add, follow } = stage();
  const first = follower();
  const following = follow(null, first.hear);
  add("a");
  clock.advance(50);
  following.stop();
  add("b");
  clock.advance(50);
  // Not told to anybody yet.
  add("c");
  const again = follower();
  assert.ok(follow(first.told[0]!.id, again.hear).isWhole);
  const other = follower();
  follow(null, other.hear);
  add("d");
  clock.advance(50);
  assert.deepEqual([first.texts(), again.texts(), other.texts()], [["a"], ["b", "c", "d"], ["d"]]);
});

test("the id of another process, of another stream, of the future, or of what is kept no longer is not gone on from", () => {
  const { clock, add, follow } = stage({ maxEntries: 3 });
  const { hear, told } = follower();
  const { latest } = follow(null, hear);
  const before = latest();
  for (const text of ["a", "b", "c", "d"]) add(text);
  clock.advance(50);
  const elsewhere = stage()
    .follow(null, () => {})
    .latest();
  for (const id of ["", "end", "4-1770174245678", elsewhere, latest().replace(/\d+$/, "5"), before]) {
    const { isWhole } = follow(id, () => assert.fail(id));
    assert.equal(isWhole, false, id);
  }
  const again = follower();
  assert.ok(follow(told[0]!.id, again.hear).isWhole);
  assert.deepEqual(again.texts(), ["b", "c", "d"]);
});

test("it is bounded by bytes, too", () => {
  const { clock, add, follow } = stage({ maxBytes: 25 });
  const { hear, told } = follower();
  follow(null, hear);
  for (const text of ["a", "b", "c", "d"]) add(text);
  clock.advance(50);
  assert.equal(follow(told[0]!.id, () => {}).isWhole, false);
  assert.equal(follow(told[1]!.id, () => {}).isWhole, true);
});

test("cut wherever it may be, a follower is told everything once", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("add", "tell", "cut", "come"), { maxLength: 60 }), (happenings) => {
      const { clock, add, follow } = stage();
      const { hear, texts, told } = follower();
      let following: Following | null = follow(null, hear);
      // As a client, that knows the id it began with.
      const beginning = following.latest();
      let count = 0;
      for (const happening of [...happenings, "come", "tell"] as const) {
        if (happening === "add") add(String((count += 1)));
        if (happening === "tell") clock.advance(50);
        if (happening === "cut") {
          following?.stop();
          following = null;
        }
        if (happening === "come" && following === null) {
          following = follow(told.at(-1)?.id ?? beginning, hear);
          assert.ok(following.isWhole);
        }
      }
      assert.deepEqual(
        texts(),
        Array.from({ length: count }, (_, i) => String(i + 1)),
      );
    }),
  );
});

test("a beginning is told first, though it arrives last", () => {
  const { clock, journal, follow } = stage();
  const { hear, texts } = follower();
  follow(null, hear);
  for (const text of ["b1", "a2", "b2"]) journal.add({ text, sizeBytes: 1 });
  journal.add({ text: "a1", sizeBytes: 1 }, ({ text }) => text.startsWith("a"));
  journal.add({ text: "c1", sizeBytes: 1 }, ({ text }) => text.startsWith("c"));
  clock.advance(50);
  assert.deepEqual(texts(), ["b1", "a1", "a2", "b2", "c1"]);
});

test("nobody has followed at first, and it is told what is left when it stops", async () => {
  const { clock, journal, add, follow } = stage();
  assert.equal(journal.isFollowed, false);
  const { hear, texts } = follower();
  follow(null, hear).stop();
  assert.equal(journal.isFollowed, true);
  follow(null, hear);
  add("last");
  await journal.stop();
  assert.deepEqual([texts(), clock.timers], [["last"], 0]);
});
