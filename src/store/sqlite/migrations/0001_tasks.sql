-- One row a task: what is needed to claim, settle and list it. Narrow, because every transition rewrites it; the
-- request and the answer are written once and live beside it.
CREATE TABLE task (
  seq             INTEGER PRIMARY KEY,              -- order of acceptance
  id              TEXT    NOT NULL UNIQUE,
  lane            TEXT    NOT NULL,
  state           TEXT    NOT NULL CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  reason          TEXT    NOT NULL,
  priority        INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
  rank            INTEGER NOT NULL,                 -- order inside a lane and priority
  client          TEXT    NOT NULL,
  method          TEXT    NOT NULL,
  path            TEXT    NOT NULL,
  labels          TEXT,                             -- JSON object, NULL when empty
  request_bytes   INTEGER NOT NULL,
  timeout_ms      INTEGER NOT NULL CHECK (timeout_ms > 0),
  max_attempts    INTEGER NOT NULL CHECK (max_attempts > 0),
  idempotent      INTEGER NOT NULL CHECK (idempotent IN (0, 1)),
  retry_of        TEXT,
  created_at      INTEGER NOT NULL,
  not_before      INTEGER,                          -- NULL as soon as it is due
  start_before    INTEGER,                          -- for the first start; a retry is not given up
  started_at      INTEGER,
  completed_at    INTEGER,
  attempt         INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  attempts        TEXT,                             -- finished attempts, JSON objects joined by commas
  node            TEXT,                             -- who holds a slot at the target for it
  epoch           INTEGER NOT NULL DEFAULT 0,       -- grows with every lease; fences late writers
  error           TEXT,                             -- JSON
  response_status INTEGER,
  response_bytes  INTEGER,
  CHECK ((completed_at IS NOT NULL) = (state IN ('completed', 'failed', 'cancelled'))),
  CHECK (state <> 'processing' OR node IS NOT NULL),
  CHECK (node IS NULL OR state IN ('processing', 'cancelled')),
  CHECK (not_before IS NULL OR state = 'pending')
) STRICT;

-- The line: only what may be claimed now, in the order in which it will be.
CREATE INDEX task_ready   ON task (lane, priority DESC, rank, seq) WHERE state = 'pending' AND not_before IS NULL;
CREATE INDEX task_delayed ON task (lane, not_before)               WHERE not_before IS NOT NULL;
CREATE INDEX task_expiry  ON task (start_before)                   WHERE state = 'pending' AND attempt = 0 AND start_before IS NOT NULL;
CREATE INDEX task_slot    ON task (node)                           WHERE node IS NOT NULL;
CREATE INDEX task_ended   ON task (completed_at)                   WHERE completed_at IS NOT NULL;
-- For listing by state; the few that are processing are found by their slot.
CREATE INDEX task_state   ON task (state, seq)                     WHERE state <> 'processing';

-- `body` holds small bodies, `file` names large ones, both NULL for none. `headers` is a JSON array: name, value, name, value.
CREATE TABLE request (
  seq     INTEGER PRIMARY KEY,
  headers TEXT NOT NULL,
  body    BLOB,
  file    TEXT,
  CHECK (body IS NULL OR file IS NULL)
) STRICT;

CREATE TABLE response (
  seq     INTEGER PRIMARY KEY,
  status  INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body    BLOB,
  file    TEXT,
  CHECK (body IS NULL OR file IS NULL)
) STRICT;

-- Kept in the same transactions as the rows they count.
CREATE TABLE tally (
  lane  TEXT    NOT NULL,
  key   TEXT    NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (lane, key)
) STRICT, WITHOUT ROWID;

-- How many tasks of the line fall into each block of ranks: a place in line is a short sum instead of a long count.
CREATE TABLE backlog (
  lane     TEXT    NOT NULL,
  priority INTEGER NOT NULL,
  block    INTEGER NOT NULL,
  count    INTEGER NOT NULL CHECK (count >= 0),
  PRIMARY KEY (lane, priority, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
  name        TEXT    PRIMARY KEY,
  lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which stored files belong to a task; what is not found here at start belongs to nobody and is removed.
CREATE INDEX request_file  ON request  (file) WHERE file IS NOT NULL;
CREATE INDEX response_file ON response (file) WHERE file IS NOT NULL;
