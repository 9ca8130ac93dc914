// Which index each statement uses. A statement that reads a whole table is fast in every test and slow in production.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import type { DeliveryFilter } from "../../src/store/outbox.ts";
import { openWriter } from "../../src/store/sqlite/database.ts";
import { openLine } from "../../src/store/sqlite/line.ts";
import { openTallies } from "../../src/store/sqlite/tallies.ts";
import { prepareReaderVerbs, prepareWriterVerbs, type ReaderVerbs } from "../../src/store/sqlite/verbs.ts";
import type { ListFilter } from "../../src/store/store.ts";
import { newFolder } from "./folders.ts";

const db = openWriter(join(newFolder(), "headgate.db"));
after(() => db.close());

/** Every statement that is prepared while `run` runs. */
function statementsOf(run: (recording: DatabaseSync) => void): string[] {
  const statements: string[] = [];
  const recording = new Proxy(db, {
    get(target, name) {
      if (name !== "prepare") return Reflect.get(target, name);
      return (sql: string) => {
        statements.push(sql);
        return target.prepare(sql);
      };
    },
  });
  run(recording);
  return statements;
}

function planOf(sql: string): string {
  // Without binding, the planner knows no more than it does in production.
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  return steps.map((step) => String(step["detail"])).join("; ");
}

const verbStatements = statementsOf((recording) => {
  prepareWriterVerbs(recording, openTallies(recording), openLine(recording));
  prepareReaderVerbs(recording);
});

function statementsWith(words: RegExp): string[] {
  const found = [...new Set(verbStatements.filter((sql) => words.test(sql)))];
  assert.ok(found.length > 0, String(words));
  return found;
}

/** The plan of the one statement with these words in it. */
function planWith(words: RegExp): string {
  const found = statementsWith(words);
  assert.equal(found.length, 1, `${words}: ${found.join("\n")}`);
  return planOf(found[0]!);
}

describe("query plans", () => {
  test("claiming walks the line, in its order, and sorts nothing", () => {
    assert.equal(
      planWith(/FROM task INDEXED BY task_ready CROSS JOIN request/),
      "SEARCH task USING INDEX task_ready (lane=?); SEARCH request USING INTEGER PRIMARY KEY (rowid=?)",
    );
    assert.match(
      planWith(/min\(not_before\)/),
      /^SEARCH task USING (COVERING )?INDEX task_delayed \(lane=\? AND not_before>\?\)$/,
    );
    assert.equal(
      planWith(/not_before <= \? ORDER BY not_before LIMIT/),
      "SEARCH task USING INDEX task_delayed (lane=? AND not_before<?)",
    );
  });

  test("who is next in a line is found without reading it", () => {
    assert.equal(
      planWith(/coalesce\(due_at, created_at\)/),
      "SEARCH task USING INDEX task_ready (lane=? AND priority<?)",
    );
  });

  test("a place in line is found by key alone", () => {
    assert.equal(
      planWith(/FROM backlog WHERE lane = \? AND \(priority/),
      "SEARCH backlog USING PRIMARY KEY (lane=?)",
    );
    assert.equal(
      planWith(/SELECT count\(\*\) AS count FROM task INDEXED BY task_ready/),
      "SEARCH task USING INDEX task_ready (lane=? AND priority=? AND rank>? AND rank<?)",
    );
    assert.match(
      planWith(/SELECT 1 FROM task INDEXED BY task_ready/),
      /^CO-ROUTINE \S+; SEARCH task USING INDEX task_ready \(lane=\? AND priority=\? AND rank>\? AND rank<\?\); SCAN/,
    );
  });

  test("settling finds its one row", () => {
    assert.equal(
      planWith(/WHERE id = \? AND node = \? AND epoch = \?/),
      "SEARCH task USING INDEX sqlite_autoindex_task_1 (id=?)",
    );
    for (const words of [
      /attempts = coalesce\(attempts/,
      /attempt = attempt - 1/,
      /UPDATE task SET node = NULL, attempts/,
    ]) {
      assert.equal(planWith(words), "SEARCH task USING INTEGER PRIMARY KEY (rowid=?)");
    }
  });

  test("giving up, pruning and renewing read only what they change", () => {
    assert.equal(planWith(/INDEXED BY task_expiry/), "SEARCH task USING INDEX task_expiry (start_before<?)");
    assert.equal(
      planWith(/INDEXED BY task_ended/),
      "SEARCH task USING INDEX task_ended (lane=? AND completed_at>? AND completed_at<?)",
    );
    assert.equal(
      planWith(/SELECT id FROM task INDEXED BY task_slot/),
      "SEARCH task USING INDEX task_slot (node=?)",
    );
  });

  test("what is due, over or gone in the outbox is found without reading the rest", () => {
    assert.equal(
      planWith(/INDEXED BY delivery_due WHERE next_at <= \?/),
      "SEARCH delivery USING INDEX delivery_due (next_at<?)",
    );
    assert.match(
      planWith(/INDEXED BY delivery_ended/),
      /^SEARCH delivery USING INTEGER PRIMARY KEY \(rowid=\?\); LIST SUBQUERY \d+; SEARCH delivery USING (COVERING )?INDEX delivery_ended \(ended_at<\?\)$/,
    );
    assert.match(
      planWith(/INDEXED BY delivery_url/),
      /SEARCH delivery USING (COVERING )?INDEX delivery_url \(url=\?\)$/,
    );
    for (const words of [/UPDATE delivery SET state = \?/, /FROM delivery WHERE id = \?$/, /tries = 0/]) {
      for (const sql of statementsWith(words))
        assert.match(
          planOf(sql),
          /SEARCH delivery USING (COVERING )?INDEX sqlite_autoindex_delivery_1 \(id=\?\)/,
        );
    }
  });

  test("a batch is counted along its index, and a key found by itself", () => {
    assert.equal(
      planWith(/FROM task INDEXED BY task_batch WHERE batch = \? GROUP BY state/),
      "SEARCH task USING COVERING INDEX task_batch (batch=?)",
    );
    assert.match(planWith(/DELETE FROM batch/), /SEARCH task USING COVERING INDEX task_batch \(batch=\?\)/);
    assert.equal(
      planWith(/FROM idempotency WHERE key = \? AND/),
      "SEARCH idempotency USING PRIMARY KEY (key=?)",
    );
    assert.match(
      planWith(/INDEXED BY idempotency_expiry/),
      /SEARCH idempotency USING COVERING INDEX idempotency_expiry \(expires_at<\?\)$/,
    );
    assert.equal(
      planWith(/UPDATE task SET progress = \?/),
      "SEARCH task USING INDEX sqlite_autoindex_task_1 (id=?)",
    );
  });

  test("nothing else reads a whole table", () => {
    const allowed = [
      // The few tasks that hold a slot.
      /INDEXED BY task_slot CROSS JOIN request/,
      // One row each, made by SQLite.
      /FROM pragma_freelist_count, pragma_page_size/,
      // A few rows a lane.
      /FROM tally/,
      /FROM lane_settings/,
      // A few keys and receivers.
      /FROM access_key/,
      /FROM gone_receiver ORDER/,
      // Counted at start, and when a quota is given.
      /SELECT client, sum\(count\)/,
      // Read at start: a few rows a lane, and one for 256 tasks that wait.
      /FROM virtual_time$/,
      /SELECT lane, priority, block, count FROM backlog$/,
      // Fifty tries of one delivery.
      /json_each\('\[' \|\| log/,
      // Of 256 tasks, found above.
      /SELECT 1 FROM task INDEXED BY task_ready/,
    ];
    for (const sql of new Set(verbStatements)) {
      if (allowed.some((words) => words.test(sql))) continue;
      assert.doesNotMatch(planOf(sql), /\bSCAN (?!CONSTANT|json_each)|TEMP B-TREE/, sql);
    }
  });

  const filters: Readonly<Record<string, Omit<ListFilter, "limit">>> = {
    "SEARCH task USING INDEX task_state (state=?)": { state: "pending" },
    "SEARCH task USING INDEX task_state (state=? AND seq<?)": { state: "failed", after: "x" },
    "SEARCH task USING INTEGER PRIMARY KEY (rowid<?)": { after: "x", client: "c" },
    "SCAN task": { method: "GET", label: { key: "k", value: "v" } },
  };
  for (const [expected, filter] of Object.entries(filters)) {
    test(`a list by ${Object.keys(filter).join(" and ")} reads in order and stops`, () => {
      const plan = windowPlan((verbs) => verbs.list({ ...filter, limit: 5 }));
      assert.ok(plan.includes(expected), plan);
      assert.doesNotMatch(plan, /TEMP B-TREE/);
    });
  }

  test("a list of those that run, or of a batch, sorts the few that it has", () => {
    const running = windowPlan((verbs) => verbs.list({ state: "processing", limit: 5 }));
    assert.match(running, /task USING INDEX task_slot \(node>\?\)/);
    const batch = windowPlan((verbs) => verbs.list({ batch: "b", state: "failed", after: "x", limit: 5 }));
    assert.match(batch, /task USING INDEX task_batch \(batch=\? AND state=\?\)/);
  });

  const ofDeliveries: Readonly<Record<string, Omit<DeliveryFilter, "limit">>> = {
    "SCAN delivery": { client: "c", state: "failed" },
    "SEARCH delivery USING INTEGER PRIMARY KEY (rowid<?)": { after: "x", endpoint: "e" },
    "SEARCH delivery USING INDEX delivery_task (task_id=?": { taskId: "t", after: "x" },
  };
  for (const [expected, filter] of Object.entries(ofDeliveries)) {
    test(`a list of deliveries by ${Object.keys(filter).join(" and ")} reads in order and stops`, () => {
      const plan = windowPlan((verbs) => verbs.listDeliveries({ ...filter, limit: 5 }));
      assert.ok(plan.includes(expected), plan);
      assert.doesNotMatch(plan, /TEMP B-TREE/);
    });
  }
});

/** The plan of the rows that a list reads at most. */
function windowPlan(list: (verbs: ReaderVerbs) => unknown): string {
  const statements = statementsOf((recording) => list(prepareReaderVerbs(recording)));
  return planOf(statements.find((sql) => /LIMIT 20000\) WHERE/.test(sql)) ?? "");
}
