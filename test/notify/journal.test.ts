import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createJournal, type Kept } from "../../src/notify/journal.ts";
import { createManualClock } from "../lib/manual-clock.ts";

interface Line {
  readonly text: string;
  readonly sizeBytes: number;
}

function stage(limits: { readonly maxEntries?: number; readonly maxBytes?: number } = {}) {
  const clock = createManualClock();
  const journal = createJournal<Line>({ clock, ...limits });
  const add = (text: string): void => journal.add({ text, sizeBytes: 10 });
  return { clock, journal, add };
}

/** Somebody who notes what they are told. */
function follower() {
  const told: Kept<Line>[] = [];
  const batches: number[] = [];
  return {
    told,
    batches,
    hear(news: readonly Kept<Line>[]) {
      told.push(...news);
      batches.push(news.length);
    },
    texts: () => told.map(({ news }) => news.text),
  };
}

test("many events are told in one go, a few times a second", () => {
  const { clock, journal, add } = stage();
  const { hear, batches, texts } = follower();
  journal.follow(null, hear);
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
  const { clock, journal, add } = stage();
  const first = follower();
  const following = journal.follow(null, first.hear);
  add("a");
  clock.advance(50);
  following.stop();
  add("b");
  clock.advance(50);
  // Not told to anybody yet.
  add("c");
  const again = follower();
  assert.ok(journal.follow(first.told[0]!.id, again.hear).isWhole);
  const other = follower();
  journal.follow(null, other.hear);
  add("d");
  clock.advance(50);
  assert.deepEqual([first.texts(), again.texts(), other.texts()], [["a"], ["b", "c", "d"], ["d"]]);
});

test("the id of another process, of another stream, of the future, or of what is kept no longer is not gone on from", () => {
  const { clock, journal, add } = stage({ maxEntries: 3 });
  const { hear, told } = follower();
  const { latest } = journal.follow(null, hear);
  const before = latest();
  for (const text of ["a", "b", "c", "d"]) add(text);
  clock.advance(50);
  const elsewhere = stage()
    .journal.follow(null, () => {})
    .latest();
  for (const id of ["", "end", "4-1770174245678", elsewhere, latest().replace(/\d+$/, "5"), before]) {
    const { isWhole } = journal.follow(id, () => assert.fail(id));
    assert.equal(isWhole, false, id);
  }
  const again = follower();
  assert.ok(journal.follow(told[0]!.id, again.hear).isWhole);
  assert.deepEqual(again.texts(), ["b", "c", "d"]);
});

test("it is bounded by bytes, too", () => {
  const { clock, journal, add } = stage({ maxBytes: 25 });
  const { hear, told } = follower();
  journal.follow(null, hear);
  for (const text of ["a", "b", "c", "d"]) add(text);
  clock.advance(50);
  assert.equal(journal.follow(told[0]!.id, () => {}).isWhole, false);
  assert.equal(journal.follow(told[1]!.id, () => {}).isWhole, true);
});

test("cut wherever it may be, a follower is told everything once", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("add", "tell", "cut", "come"), { maxLength: 60 }), (happenings) => {
      const { clock, journal, add } = stage();
      const { hear, texts, told } = follower();
      let following: ReturnType<typeof journal.follow> | null = journal.follow(null, hear);
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
          following = journal.follow(told.at(-1)?.id ?? beginning, hear);
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
  const { clock, journal } = stage();
  const { hear, texts } = follower();
  journal.follow(null, hear);
  for (const text of ["b1", "a2", "b2"]) journal.add({ text, sizeBytes: 1 });
  journal.add({ text: "a1", sizeBytes: 1 }, ({ text }) => text.startsWith("a"));
  journal.add({ text: "c1", sizeBytes: 1 }, ({ text }) => text.startsWith("c"));
  clock.advance(50);
  assert.deepEqual(texts(), ["b1", "a1", "a2", "b2", "c1"]);
});

test("nobody has followed at first, and it is told what is left when it stops", async () => {
  const { clock, journal, add } = stage();
  assert.equal(journal.isFollowed, false);
  const { hear, texts } = follower();
  journal.follow(null, hear).stop();
  assert.equal(journal.isFollowed, true);
  journal.follow(null, hear);
  add("last");
  await journal.stop();
  assert.deepEqual([texts(), clock.timers], [["last"], 0]);
});

test("many followers are told in turns, each of everything once, and a stop waits for the last", async () => {
  const { clock, journal, add } = stage();
  const followers = Array.from({ length: 6 }, () => {
    const { hear, texts } = follower();
    const following = journal.follow(null, (news) => {
      hear(news);
      // What it takes to write to them all.
      clock.advance(3);
    });
    return { texts, following };
  });
  const latest = followers.map(({ following }) => following.latest());
  const toldNow = (): number => followers.filter(({ texts }) => texts().length > 0).length;
  add("a");
  const first = journal.stop();
  assert.equal(toldNow(), 2);
  // Of what it was not told yet no follower has the number.
  assert.equal(followers[5]!.following.latest(), latest[5]);
  assert.notEqual(followers[0]!.following.latest(), latest[0]);
  add("b");
  followers[4]!.following.stop();
  await Promise.all([first, journal.stop()]);
  assert.deepEqual(
    followers.map(({ texts }) => texts().join("")),
    ["ab", "ab", "ab", "ab", "", "ab"],
  );
});
