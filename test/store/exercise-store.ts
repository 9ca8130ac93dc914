// The contract of src/store/store.ts as tests. Every driver's test file calls `exerciseStore` and nothing else.

import { describe } from "node:test";
import { exerciseBatches } from "./exercise-batches.ts";
import { exerciseCancelling } from "./exercise-cancelling.ts";
import { exerciseDedupe } from "./exercise-dedupe.ts";
import { exerciseDeliveryLists } from "./exercise-delivery-lists.ts";
import { exerciseFronts } from "./exercise-fronts.ts";
import { exerciseKeys } from "./exercise-keys.ts";
import { exerciseLanes } from "./exercise-lanes.ts";
import { exerciseLeases } from "./exercise-leases.ts";
import { exerciseLine } from "./exercise-line.ts";
import { exerciseLists } from "./exercise-lists.ts";
import { exerciseMoving } from "./exercise-moving.ts";
import { exerciseOutbox } from "./exercise-outbox.ts";
import { exerciseOwed } from "./exercise-owed.ts";
import { exercisePlaces } from "./exercise-places.ts";
import { exerciseProgress } from "./exercise-progress.ts";
import { exerciseRandomly } from "./exercise-randomly.ts";
import { exerciseRecords } from "./exercise-records.ts";
import { exerciseRemoval } from "./exercise-removal.ts";
import { exerciseSettling } from "./exercise-settling.ts";
import { exerciseShares } from "./exercise-shares.ts";
import type { OpenForTest } from "./rig.ts";

/** `open` gives an empty store each time; `sequences` of random verbs are run against it. */
export function exerciseStore(name: string, open: OpenForTest, sequences = 6): void {
  describe(`store: ${name}`, () => {
    exerciseRecords(open);
    exerciseLine(open);
    exerciseFronts(open);
    exercisePlaces(open);
    exerciseShares(open);
    exerciseMoving(open);
    exerciseSettling(open);
    exerciseCancelling(open);
    exerciseLeases(open);
    exerciseRemoval(open);
    exerciseLists(open);
    exerciseLanes(open);
    exerciseDedupe(open);
    exerciseBatches(open);
    exerciseOwed(open);
    exerciseOutbox(open);
    exerciseDeliveryLists(open);
    exerciseProgress(open);
    exerciseKeys(open);
    exerciseRandomly(open, sequences);
  });
}
