ALTER TABLE task ADD COLUMN batch     TEXT;  -- tasks that were accepted together
ALTER TABLE task ADD COLUMN callbacks TEXT;  -- JSON: who is told when it has ended; NULL for nobody
ALTER TABLE task ADD COLUMN progress  TEXT;  -- JSON: what the target said of the latest attempt
ALTER TABLE task ADD COLUMN due_at    INTEGER;  -- when it last fell due; NULL for one that was due at once
CREATE INDEX task_batch ON task (batch, state, completed_at) WHERE batch IS NOT NULL;

CREATE TABLE batch (
  id         TEXT    PRIMARY KEY,
  client     TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  size       INTEGER NOT NULL CHECK (size > 0)
) STRICT, WITHOUT ROWID;

-- What has been submitted under which Idempotency-Key. It outlives its task: a request that comes again is not a new one.
CREATE TABLE idempotency (
  key         TEXT    PRIMARY KEY,
  fingerprint TEXT    NOT NULL,
  subject     TEXT    NOT NULL,  -- id of a task or of a batch
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

-- What is owed to webhook receivers, and what became of it.
CREATE TABLE delivery (
  seq        INTEGER PRIMARY KEY,
  id         TEXT    NOT NULL UNIQUE,
  endpoint   TEXT,
  url        TEXT    NOT NULL,
  type       TEXT    NOT NULL,
  payload    TEXT,                                  -- NULL: made of the task
  task_id    TEXT,
  client     TEXT,
  task_state TEXT    CHECK (task_state IN ('completed', 'failed', 'cancelled')),
  state      TEXT    NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  created_at INTEGER NOT NULL,
  next_at    INTEGER,
  ended_at   INTEGER,
  tries      INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
  log        TEXT,                                  -- tries, JSON objects joined by commas
  CHECK (payload IS NOT NULL OR task_id IS NOT NULL),
  CHECK ((state = 'pending') = (next_at IS NOT NULL)),
  CHECK ((state = 'pending') = (ended_at IS NULL))
) STRICT;
CREATE INDEX delivery_due   ON delivery (next_at)  WHERE next_at IS NOT NULL;
CREATE INDEX delivery_url   ON delivery (url)      WHERE next_at IS NOT NULL;
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX delivery_task  ON delivery (task_id)  WHERE task_id IS NOT NULL;

-- Receivers that said 410.
CREATE TABLE gone_receiver (
  url   TEXT    PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that were made while running, as JSON without the key itself.
CREATE TABLE access_key (
  name TEXT PRIMARY KEY,
  key  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
