-- Fair shares. From here on `rank` is a start tag (src/task/fair-queue.ts); that of a task which is not due yet says nothing.
ALTER TABLE task ADD COLUMN weight REAL NOT NULL DEFAULT 1 CHECK (weight > 0);  -- of its client

-- How far each line has come.
CREATE TABLE virtual_time (
  lane     TEXT    NOT NULL,
  priority INTEGER NOT NULL,
  at       REAL    NOT NULL,
  PRIMARY KEY (lane, priority)
) STRICT, WITHOUT ROWID;

-- What each client has been charged, as long as that makes a difference.
CREATE TABLE share (
  lane     TEXT    NOT NULL,
  priority INTEGER NOT NULL,
  client   TEXT    NOT NULL,
  weight   REAL    NOT NULL CHECK (weight > 0),
  finish   REAL    NOT NULL,
  last     REAL    NOT NULL,
  waiting  INTEGER NOT NULL CHECK (waiting >= 0),
  PRIMARY KEY (lane, priority, client)
) STRICT, WITHOUT ROWID;

-- Ranks were the order of acceptance. They stay, and whoever comes later starts behind all of them, as was promised then.
INSERT INTO virtual_time (lane, priority, at)
  SELECT lane, priority, max(rank) FROM task WHERE state IN ('pending', 'processing') GROUP BY lane, priority;
INSERT INTO share (lane, priority, client, weight, finish, last, waiting)
  SELECT lane, priority, client, 1, at, at, count(*) FROM task JOIN virtual_time USING (lane, priority)
   WHERE state = 'pending' AND not_before IS NULL GROUP BY lane, priority, client;

-- Blocks of 262,144 ranks now, 256 tasks of one client.
DELETE FROM backlog;
INSERT INTO backlog (lane, priority, block, count)
  SELECT lane, priority, rank / 262144, count(*) FROM task
   WHERE state = 'pending' AND not_before IS NULL GROUP BY lane, priority, rank / 262144;

-- Each lane keeps what has ended for a time of its own.
DROP INDEX task_ended;
CREATE INDEX task_ended ON task (lane, completed_at) WHERE completed_at IS NOT NULL;

-- What was changed about a lane while running, as JSON.
CREATE TABLE lane_settings (
  lane     TEXT PRIMARY KEY,
  settings TEXT NOT NULL
) STRICT, WITHOUT ROWID;
