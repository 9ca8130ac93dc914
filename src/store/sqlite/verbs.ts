import type { DatabaseSync } from "node:sqlite";
import { prepareBatchTally, prepareEnqueueBatch } from "./batch.ts";
import { prepareAmend, prepareCancel, prepareGiveUp } from "./change.ts";
import { prepareClaim } from "./claim.ts";
import { prepareListDeliveries } from "./delivery-list.ts";
import { prepareEnqueue } from "./enqueue.ts";
import { prepareFindKey, prepareForgetKeys, prepareIdempotency } from "./idempotency.ts";
import { prepareAddKey, prepareCountOpen, prepareListKeys, prepareRemoveKey } from "./keys.ts";
import { prepareReadLanes, prepareWriteLane } from "./lanes.ts";
import { prepareRenew, prepareTakeOver } from "./lease.ts";
import type { Line } from "./line.ts";
import { prepareList } from "./list.ts";
import {
  prepareFind,
  prepareFronts,
  prepareOwnedFiles,
  prepareRequest,
  prepareResponse,
  prepareReusableBytes,
  prepareTally,
} from "./look-up.ts";
import { type OutboxVerbs, prepareFindDelivery, prepareGoneReceivers, prepareOutbox } from "./outbox.ts";
import { prepareWriteProgress } from "./progress.ts";
import { preparePrune, prepareRemove } from "./removal.ts";
import { prepareSettle } from "./settle.ts";
import type { Tallies } from "./tallies.ts";

/** The verbs as they run beside the database: synchronous, one after the other, on prepared statements. */

export interface WriterVerbs extends OutboxVerbs {
  readonly enqueue: ReturnType<typeof prepareEnqueue>;
  readonly claim: ReturnType<typeof prepareClaim>;
  readonly settle: ReturnType<typeof prepareSettle>;
  readonly cancel: ReturnType<typeof prepareCancel>;
  readonly amend: ReturnType<typeof prepareAmend>;
  readonly remove: ReturnType<typeof prepareRemove>;
  readonly prune: ReturnType<typeof preparePrune>;
  readonly giveUp: ReturnType<typeof prepareGiveUp>;
  readonly renew: ReturnType<typeof prepareRenew>;
  readonly takeOver: ReturnType<typeof prepareTakeOver>;
  readonly writeLane: ReturnType<typeof prepareWriteLane>;
  readonly enqueueBatch: ReturnType<typeof prepareEnqueueBatch>;
  readonly forgetKeys: ReturnType<typeof prepareForgetKeys>;
  readonly addKey: ReturnType<typeof prepareAddKey>;
  readonly removeKey: ReturnType<typeof prepareRemoveKey>;
  readonly writeProgress: ReturnType<typeof prepareWriteProgress>;
}

export interface ReaderVerbs {
  readonly find: ReturnType<typeof prepareFind>;
  readonly list: ReturnType<typeof prepareList>;
  readonly request: ReturnType<typeof prepareRequest>;
  readonly response: ReturnType<typeof prepareResponse>;
  readonly tally: ReturnType<typeof prepareTally>;
  readonly readLanes: ReturnType<typeof prepareReadLanes>;
  readonly batchTally: ReturnType<typeof prepareBatchTally>;
  readonly findKey: ReturnType<typeof prepareFindKey>;
  readonly countOpen: ReturnType<typeof prepareCountOpen>;
  readonly listKeys: ReturnType<typeof prepareListKeys>;
  readonly findDelivery: ReturnType<typeof prepareFindDelivery>;
  readonly listDeliveries: ReturnType<typeof prepareListDeliveries>;
  readonly goneReceivers: ReturnType<typeof prepareGoneReceivers>;
  readonly fronts: ReturnType<typeof prepareFronts>;
  readonly ownedFiles: ReturnType<typeof prepareOwnedFiles>;
  readonly reusableBytes: ReturnType<typeof prepareReusableBytes>;
}

export function prepareWriterVerbs(db: DatabaseSync, tallies: Tallies, line: Line): WriterVerbs {
  const idempotency = prepareIdempotency(db);
  const enqueue = prepareEnqueue(db, tallies, line, idempotency);
  return {
    enqueue,
    enqueueBatch: prepareEnqueueBatch(db, tallies, enqueue, idempotency),
    claim: prepareClaim(db, tallies, line),
    settle: prepareSettle(db, tallies, line),
    cancel: prepareCancel(db, tallies, line),
    amend: prepareAmend(db, tallies, line),
    remove: prepareRemove(db, tallies),
    prune: preparePrune(db, tallies),
    giveUp: prepareGiveUp(db, tallies, line),
    renew: prepareRenew(db),
    takeOver: prepareTakeOver(db, tallies),
    writeLane: prepareWriteLane(db),
    forgetKeys: prepareForgetKeys(db),
    addKey: prepareAddKey(db),
    removeKey: prepareRemoveKey(db),
    writeProgress: prepareWriteProgress(db),
    ...prepareOutbox(db),
  };
}

export function prepareReaderVerbs(db: DatabaseSync): ReaderVerbs {
  return {
    find: prepareFind(db),
    list: prepareList(db),
    request: prepareRequest(db),
    response: prepareResponse(db),
    tally: prepareTally(db),
    readLanes: prepareReadLanes(db),
    batchTally: prepareBatchTally(db),
    findKey: prepareFindKey(db),
    countOpen: prepareCountOpen(db),
    listKeys: prepareListKeys(db),
    findDelivery: prepareFindDelivery(db),
    listDeliveries: prepareListDeliveries(db),
    goneReceivers: prepareGoneReceivers(db),
    fronts: prepareFronts(db),
    ownedFiles: prepareOwnedFiles(db),
    reusableBytes: prepareReusableBytes(db),
  };
}
