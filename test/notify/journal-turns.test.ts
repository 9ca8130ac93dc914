// Followers are told one after the other, however many there are and however long it takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { OnNews } from "../../src/notify/journal.ts";
import { follower, type Line, stage } from "./journal-stage.ts";

test("many followers are told in turns, each of everything once, and a stop waits for the last", async () => {
  const { clock, journal, add, follow } = stage();
  const followers = Array.from({ length: 6 }, () => {
    const { hear, texts } = follower();
    const following = follow(null, (news) => {
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

test("whoever could not be told in time is told all at once, not each batch by itself", async () => {
  const { clock, journal, add, follow } = stage();
  let count = 0;
  const followers = Array.from({ length: 40 }, () => {
    const { hear, texts, batches } = follower();
    follow(null, (news) => {
      hear(news);
      // Telling one takes so long that much happens until all were told.
      if (count < 400) add(String((count += 1)));
      clock.advance(10);
    });
    return { texts, batches };
  });
  add("0");
  clock.advance(50);
  await journal.stop();
  const all = Array.from({ length: 401 }, (_, i) => String(i));
  for (const { texts, batches } of followers) {
    assert.deepEqual(texts(), all);
    assert.ok(batches.length <= 13, `told ${batches.length} times in the time of some 11 rounds`);
  }
});

test("whoever is too far behind is told so, and nothing more", async () => {
  const { clock, journal, add, follow } = stage({ maxEntries: 3 });
  const lost: number[] = [];
  const followers = Array.from({ length: 4 }, (_, place) => {
    const { hear, texts } = follower();
    const onNews: OnNews<Line> = (news) => {
      hear(news);
      clock.advance(3);
    };
    return { texts, following: follow(null, onNews, () => lost.push(place)) };
  });
  add("a");
  clock.advance(50);
  // Two were told, and the others lose their turn.
  for (const text of ["b", "c", "d"]) add(text);
  clock.advance(50);
  await journal.stop();
  add("e");
  await journal.stop();
  assert.deepEqual(lost, [2, 3]);
  assert.deepEqual(
    followers.map(({ texts }) => texts().join("")),
    ["abcde", "abcde", "", ""],
  );
  assert.equal(follow(followers[2]!.following.latest(), () => {}).isWhole, false);
});

test("a follower is told no more in one go than a turn has time for", async () => {
  const { clock, journal, add, follow } = stage();
  const { hear, batches, texts } = follower();
  follow(null, hear);
  const all = Array.from({ length: 2_500 }, (_, i) => String(i));
  all.forEach(add);
  clock.advance(50);
  await journal.stop();
  assert.deepEqual(batches, [1_000, 1_000, 500]);
  assert.deepEqual(texts(), all);
});

test("a follower that throws is reported and told no more; the others are told as ever", async () => {
  const { clock, journal, add, follow, errors } = stage();
  const error = new Error("no");
  let lost = 0;
  const onNews = (): void => {
    throw error;
  };
  follow(null, onNews, () => (lost += 1));
  const { hear, texts } = follower();
  follow(null, hear);
  for (const text of ["a", "b"]) {
    add(text);
    clock.advance(50);
    await journal.stop();
  }
  assert.deepEqual([errors, lost, texts()], [[error], 1, ["a", "b"]]);
});
