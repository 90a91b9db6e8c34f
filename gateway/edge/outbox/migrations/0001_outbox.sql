-- The outbox: what was asked, what is to be delivered, and the journal of every call.
-- Times are seconds since 1970 in UTC. Sealed columns hold AES-GCM boxes bound to their row.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

CREATE TABLE lane (
  lane     TEXT PRIMARY KEY,
  store    TEXT NOT NULL,
  vendor   TEXT NOT NULL,
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  stopped  TEXT
) STRICT;

CREATE TABLE asked (
  store       TEXT NOT NULL,
  kind        TEXT NOT NULL
              CHECK (kind IN ('order', 'void', 'refund', 'payment', 'reverse', 'visit')),
  id          TEXT NOT NULL,
  revision    INTEGER NOT NULL CHECK (revision >= 0),
  fingerprint TEXT NOT NULL,
  state       TEXT CHECK (state IN ('placed', 'paid', 'completed')),
  accepted_at REAL NOT NULL,
  body        BLOB,
  PRIMARY KEY (store, kind, id, revision)
) STRICT;

CREATE TABLE entry (
  id             INTEGER PRIMARY KEY,
  store          TEXT NOT NULL,
  vendor         TEXT NOT NULL,
  adapter        TEXT NOT NULL,
  role           TEXT NOT NULL CHECK (role IN ('primary', 'follower')),
  lane           TEXT NOT NULL REFERENCES lane (lane),
  sequence       INTEGER NOT NULL CHECK (sequence >= 1),
  operation      TEXT NOT NULL
                 CHECK (operation IN
                        ('submit', 'void', 'refund', 'release', 'pay', 'load', 'reverse')),
  subject        TEXT NOT NULL,
  revision       INTEGER NOT NULL CHECK (revision >= 0),
  receipt_number TEXT,
  trace_id       TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('queued', 'done', 'parked')),
  attempts       INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  starts         INTEGER NOT NULL DEFAULT 0 CHECK (starts >= 0),
  lost_runs      INTEGER NOT NULL DEFAULT 0 CHECK (lost_runs >= 0),
  accepted_at    REAL NOT NULL,
  due_at         REAL,
  finished_at    REAL,
  outcome        TEXT CHECK (outcome IN ('applied', 'declined', 'skipped', 'cancelled')),
  reason         TEXT,
  unattended     INTEGER NOT NULL DEFAULT 0 CHECK (unattended IN (0, 1)),
  approved       INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)),
  overtook       TEXT NOT NULL DEFAULT '[]',
  ask            BLOB,
  site           BLOB,
  ending         BLOB,
  note           BLOB,
  UNIQUE (lane, sequence),
  CHECK ((state = 'done') = (outcome IS NOT NULL)),
  CHECK ((state = 'done') = (finished_at IS NOT NULL)),
  CHECK (state = 'done' OR (ask IS NOT NULL AND site IS NOT NULL))
) STRICT;

CREATE INDEX entry_standing ON entry (lane, sequence) WHERE state != 'done';
CREATE INDEX entry_subject ON entry (store, subject);
CREATE INDEX entry_receipt ON entry (store, receipt_number);
CREATE INDEX entry_unattended ON entry (id) WHERE unattended = 1;
CREATE INDEX entry_finished ON entry (finished_at) WHERE ask IS NOT NULL;

CREATE TABLE entry_key (
  entry INTEGER NOT NULL REFERENCES entry (id),
  key   TEXT NOT NULL,
  PRIMARY KEY (entry, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE alias (
  scope     TEXT NOT NULL,
  key       TEXT NOT NULL,
  canonical TEXT NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
  owner       TEXT NOT NULL,
  position    INTEGER NOT NULL CHECK (position >= 1),
  name        TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  fresh       INTEGER NOT NULL CHECK (fresh IN (0, 1)),
  lost        INTEGER NOT NULL DEFAULT 0 CHECK (lost >= 0),
  doubted_at  REAL,
  reply       BLOB,
  PRIMARY KEY (owner, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit (
  store       TEXT NOT NULL,
  visit_id    TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('open', 'taken', 'closed')),
  deadline    REAL NOT NULL,
  body        BLOB NOT NULL,
  PRIMARY KEY (store, visit_id)
) STRICT;

CREATE INDEX visit_deadline ON visit (deadline) WHERE state = 'open';

CREATE TABLE quote (
  store       TEXT NOT NULL,
  quote_id    TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  expires_at  REAL NOT NULL,
  body        BLOB NOT NULL,
  PRIMARY KEY (store, quote_id)
) STRICT;

CREATE TABLE event (
  id    INTEGER PRIMARY KEY AUTOINCREMENT,
  store TEXT NOT NULL,
  at    REAL NOT NULL,
  body  BLOB NOT NULL
) STRICT;

CREATE INDEX event_store ON event (store, id);

CREATE TABLE audit (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  at   REAL NOT NULL,
  body BLOB NOT NULL
) STRICT;
