// Bodies: in memory or in a file by size, whole or not at all.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, test } from "node:test";
import type { HeadgateError } from "../../src/lib/error.ts";
import { openBodyFiles } from "../../src/store/files/body-files.ts";
import type { BodySink, BodyStore } from "../../src/store/store.ts";
import { INLINE_BODY_BYTES } from "../../src/store/store.ts";
import type { Body } from "../../src/task/task.ts";
import { complete } from "../../src/task/transition.ts";
import { newFolder, openFolder } from "./folders.ts";
import { attemptOf, running } from "./rig.ts";
import { withSmallDisk } from "./small-disk.ts";

interface Rig {
  readonly bodies: BodyStore;
  readonly folder: string;
  readonly fatal: HeadgateError[];
  files(): string[];
}

function bodiesTest(name: string, run: (rig: Rig) => Promise<void>): void {
  test(name, () => withBodies(newFolder(), run));
}

async function withBodies(folder: string, run: (rig: Rig) => Promise<void>): Promise<void> {
  const fatal: HeadgateError[] = [];
  const bodies = await openBodyFiles(folder, (error) => fatal.push(error));
  try {
    await run({ bodies, folder, fatal, files: () => readdirSync(folder) });
    assert.deepEqual(fatal, []);
  } finally {
    await bodies.close();
  }
}

async function receive(
  bodies: BodyStore,
  bytes: Uint8Array,
  pieceBytes = 10_000,
  maxBytes = Infinity,
): Promise<Body> {
  const sink = bodies.receive(maxBytes);
  await pour(sink, bytes, pieceBytes);
  return sink.finish();
}

async function pour(sink: BodySink, bytes: Uint8Array, pieceBytes: number): Promise<void> {
  for (let start = 0; start < bytes.length; start += pieceBytes)
    await sink.write(bytes.subarray(start, start + pieceBytes));
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => (error as HeadgateError).code === expected;
}

describe("receiving a body", () => {
  for (const [sizeBytes, kind] of [
    [0, "empty"],
    [1, "inline"],
    [INLINE_BODY_BYTES - 1, "inline"],
    [INLINE_BODY_BYTES, "inline"],
    [INLINE_BODY_BYTES + 1, "file"],
    [3_000_001, "file"],
  ] as const) {
    for (const pieceBytes of [7_777, 10_000_000]) {
      bodiesTest(
        `of ${sizeBytes} bytes in pieces of ${pieceBytes} gives ${kind}`,
        async ({ bodies, files, folder }) => {
          const bytes = randomBytes(sizeBytes);
          const body = await receive(bodies, bytes, pieceBytes);
          assert.equal(body.kind, kind);
          assert.ok((await buffer(bodies.read(body))).equals(bytes));
          if (body.kind === "inline")
            assert.equal(body.bytes.buffer.byteLength, sizeBytes, "no view of a larger buffer");
          assert.deepEqual(files(), body.kind === "file" ? [body.name] : []);
          if (body.kind === "file") {
            assert.equal(body.sizeBytes, sizeBytes);
            assert.equal(statSync(join(folder, body.name)).mode & 0o777, 0o600, "nobody else's to read");
          }
        },
      );
    }
  }

  for (const maxBytes of [10, 200_000]) {
    bodiesTest(
      `of at most ${maxBytes} bytes refuses one more and leaves nothing`,
      async ({ bodies, files }) => {
        assert.notEqual((await receive(bodies, new Uint8Array(maxBytes), 9_999, maxBytes)).kind, "empty");
        const before = files();
        const sink = bodies.receive(maxBytes);
        await pour(sink, new Uint8Array(maxBytes), 9_999);
        assert.throws(() => sink.write(new Uint8Array(1)), code("body_too_large"));
        await sink.abort();
        assert.deepEqual(files(), before);
      },
    );
  }

  bodiesTest("that is broken off leaves nothing, wherever it stood", async ({ bodies, files }) => {
    for (const sizeBytes of [0, 100, INLINE_BODY_BYTES + 1, 5_000_000]) {
      const sink = bodies.receive(Infinity);
      for (let left = sizeBytes; left > 0; left -= 1_000_000)
        void sink.write(new Uint8Array(Math.min(left, 1_000_000)));
      await sink.abort();
      await sink.abort();
      assert.deepEqual(files(), []);
    }
  });

  bodiesTest("asks the sender to wait when the disk is behind, and only then", async ({ bodies }) => {
    const sink = bodies.receive(Infinity);
    assert.equal(sink.write(new Uint8Array(INLINE_BODY_BYTES)), undefined);
    assert.equal(sink.write(new Uint8Array(1)), undefined, "begun, not behind");
    const behind = sink.write(new Uint8Array(2_000_000));
    assert.ok(behind instanceof Promise);
    await behind;
    assert.equal(sink.write(new Uint8Array(1)), undefined, "caught up");
    const body = await sink.finish();
    assert.equal(body.kind === "file" && body.sizeBytes, INLINE_BODY_BYTES + 2_000_002);
  });

  bodiesTest("shows no file under its name before it is whole", async ({ bodies, files }) => {
    const sink = bodies.receive(Infinity);
    await sink.write(new Uint8Array(2_000_000));
    await sink.write(new Uint8Array(2_000_000));
    assert.deepEqual(
      files().map((name) => name.endsWith(".part")),
      [true],
    );
    const body = await sink.finish();
    assert.deepEqual(files(), [body.kind === "file" && body.name]);
  });
});

describe("a stored body", () => {
  bodiesTest("is read in part", async ({ bodies }) => {
    for (const sizeBytes of [1_000, 100_000]) {
      const bytes = randomBytes(sizeBytes);
      const body = await receive(bodies, bytes);
      for (const [start, end] of [
        [0, 0],
        [5, 9],
        [sizeBytes - 1, sizeBytes - 1],
        [1, sizeBytes - 1],
      ] as const) {
        const part = await buffer(bodies.read(body, { start, end }));
        assert.ok(part.equals(bytes.subarray(start, end + 1)), `${sizeBytes}: ${start}-${end}`);
      }
    }
  });

  bodiesTest("lives on in its copy when it is discarded", async ({ bodies, files }) => {
    for (const sizeBytes of [0, 1_000, 100_000]) {
      const bytes = randomBytes(sizeBytes);
      const body = await receive(bodies, bytes);
      const copy = await bodies.copy(body);
      await bodies.discard(body);
      assert.ok((await buffer(bodies.read(copy))).equals(bytes));
      await bodies.discard(copy);
      await bodies.discard(copy);
      assert.deepEqual(files(), []);
    }
  });

  bodiesTest(
    "that is deleted meanwhile cannot be copied, which is no failure of the disk",
    async ({ bodies }) => {
      const body = await receive(bodies, new Uint8Array(100_000));
      await bodies.discard(body);
      await assert.rejects(bodies.copy(body), code("gone"));
    },
  );
});

describe("at start", () => {
  test("files that no task owns are removed, the others kept", async (t) => {
    const folder = newFolder();
    const first = await openFolder(t, folder);
    const [unowned, request, response] = await Promise.all(
      [1, 2, 3].map((fill) => receive(first.bodies, new Uint8Array(70_000).fill(fill))),
    );
    const task = await running(first, { request: { method: "PUT", path: "/", headers: [], body: request! } });
    await first.settle(complete(task, attemptOf(task), { status: 200, headers: [], body: response! }, 1));
    await first.close();
    const names = [request, response].map((body) => (body?.kind === "file" ? body.name : ""));
    writeFileSync(join(folder, "bodies", "begun.part"), "x");
    for (let count = 0; count < 1_200; count++) writeFileSync(join(folder, "bodies", `left-${count}`), "x");
    writeFileSync(join(folder, "bodies", names[0]!.slice(0, -1)), "the beginning of another's name");

    const second = await openFolder(t, folder);
    const fresh = await receive(second.bodies, new Uint8Array(70_000));
    await second.close();
    assert.equal(unowned?.kind, "file");
    assert.deepEqual(
      readdirSync(join(folder, "bodies")).toSorted(),
      [...names, fresh.kind === "file" ? fresh.name : ""].toSorted(),
      "what came after the start is nobody's yet, but not from before",
    );
  });
});

describe("a full disk", () => {
  test("refuses the body, leaves no file, and takes the next one when there is room", (t) =>
    withSmallDisk(t, 2 * 1024 * 1024, ({ folder }) =>
      withBodies(folder, async ({ bodies, files }) => {
        const sink = bodies.receive(Infinity);
        await assert.rejects(async () => {
          await pour(sink, new Uint8Array(4_000_000), 65_536);
          await sink.finish();
        }, code("storage_full"));
        await sink.abort();
        assert.deepEqual(files(), []);

        const unheard = bodies.receive(Infinity);
        for (let piece = 0; piece < 40; piece++) void unheard.write(new Uint8Array(65_536));
        await assert.rejects(unheard.finish(), code("storage_full"));
        assert.deepEqual(files(), [], "finishing cleans up by itself");

        assert.equal((await receive(bodies, new Uint8Array(1_000_000))).kind, "file");
      }),
    ));
});
