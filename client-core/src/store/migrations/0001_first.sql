-- Schema 1. Ids are 16-byte blobs: the unique index over records is the hottest one, and half the size this way.

-- Single values by name; store/meta.rs lists the names.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- The directory: the areas whose rows this device holds, and their ancestors for the names.
CREATE TABLE areas (
    area    BLOB PRIMARY KEY,
    parent  BLOB,
    level   TEXT NOT NULL,
    code    TEXT NOT NULL,
    name    TEXT NOT NULL,
    granted INTEGER NOT NULL CHECK (granted IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX areas_by_parent ON areas (parent);

CREATE TABLE people (
    user BLOB PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Where this device stands in each area's history.
CREATE TABLE cursors (
    area   BLOB PRIMARY KEY,
    seq    INTEGER NOT NULL,
    salt   INTEGER NOT NULL,
    since  INTEGER NOT NULL,
    -- Sum of the hashes of the base rows that stand in the area.
    digest BLOB NOT NULL CHECK (length(digest) = 16),
    -- What the server says the sum is; NULL: compared already, or not at the area's head.
    due    BLOB CHECK (length(due) = 16),
    -- Differs from what the last mark stands for.
    moved  INTEGER NOT NULL CHECK (moved IN (0, 1)),
    -- The area is being pulled again whole, because digests differed: what does not come is dropped.
    whole  INTEGER NOT NULL DEFAULT 0 CHECK (whole IN (0, 1)),
    -- How often that was done on which day (days since 1970).
    heals    INTEGER NOT NULL DEFAULT 0,
    heal_day INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Row texts, exactly as received or encoded. A base and its view share one while the device has nothing of its own on it.
CREATE TABLE docs (
    doc  INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 16),
    text TEXT NOT NULL
) STRICT;

CREATE TABLE records (
    record     INTEGER PRIMARY KEY,
    id         BLOB NOT NULL UNIQUE,
    collection TEXT NOT NULL,
    -- The household of a child; NULL for a household.
    root       BLOB,
    -- Where the record stands on the server as far as this device knows; NULL: nowhere in its areas.
    area       BLOB,
    -- The row as the server holds it; NULL: not delivered or confirmed. No REFERENCES docs: docs are replaced far too often
    -- for a check that would need two more indexes.
    base       INTEGER,
    -- The base with this device's own saves merged in: what people see.
    view       INTEGER NOT NULL,
    -- Registers of the view that hold different values.
    conflicts  INTEGER NOT NULL,
    -- Not delivered yet in the whole pull of its area that is under way.
    stale      INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1))
) STRICT;
CREATE INDEX records_by_root ON records (root) WHERE root IS NOT NULL;
CREATE INDEX records_in_conflict ON records (record) WHERE conflicts > 0;

-- Own saves that are not in the record's base yet.
CREATE TABLE overlay (
    record INTEGER NOT NULL REFERENCES records (record) ON DELETE CASCADE,
    save   INTEGER NOT NULL,
    PRIMARY KEY (record, save)
) STRICT, WITHOUT ROWID;

-- The outbox: sealed changesets, exact bytes, kept until a backup of the server covers them.
CREATE TABLE changesets (
    seq       INTEGER PRIMARY KEY,
    first     INTEGER NOT NULL UNIQUE,
    sealed_at INTEGER NOT NULL,
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    -- Four bytes of each save.
    tags      BLOB NOT NULL,
    -- The server has said that it stored it.
    stored    INTEGER NOT NULL DEFAULT 0 CHECK (stored IN (0, 1)),
    -- Why the server did not store it.
    refused   TEXT,
    header    TEXT NOT NULL,
    -- Save lines, joined by line ends.
    payload   TEXT NOT NULL
) STRICT;
CREATE INDEX changesets_unsent ON changesets (seq) WHERE stored = 0;

-- Verdicts other than a plain "applied".
CREATE TABLE verdicts (
    save INTEGER PRIMARY KEY,
    word TEXT NOT NULL,
    code TEXT
) STRICT;

-- One line of the household list each, from the view.
CREATE TABLE households (
    record  INTEGER PRIMARY KEY REFERENCES records (record) ON DELETE CASCADE,
    area    BLOB,
    name    TEXT NOT NULL COLLATE NOCASE,
    address TEXT NOT NULL,
    rt      TEXT NOT NULL,
    status  TEXT,
    -- Of the household's own register, or else of its last visit.
    outcome TEXT,
    -- Nobody need go there again.
    done    INTEGER NOT NULL CHECK (done IN (0, 1)),
    -- Latest clock of what is shown.
    updated INTEGER NOT NULL,
    alive   INTEGER NOT NULL CHECK (alive IN (0, 1)),
    -- In an area that this device has lost; kept only until its own saves on it are acknowledged.
    hidden  INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1))
) STRICT;
CREATE INDEX households_by_name ON households (name, record);
CREATE INDEX households_by_area ON households (area, name, record);

-- Outcomes of visits, for the list: a visit may come before its household.
CREATE TABLE visits (
    record  INTEGER PRIMARY KEY REFERENCES records (record) ON DELETE CASCADE,
    root    BLOB NOT NULL,
    outcome TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
CREATE INDEX visits_by_root ON visits (root, at);

-- Words of every record: names, addresses, NIK, card numbers, verified and imported. rowid = records.record.
-- Only whole words and their beginnings are asked for, so no positions are kept.
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE drafts (
    draft   INTEGER PRIMARY KEY AUTOINCREMENT,
    root    BLOB NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    -- Form versions, a JSON list of name@version.
    forms   TEXT NOT NULL
) STRICT;

CREATE TABLE draft_records (
    draft      INTEGER NOT NULL REFERENCES drafts (draft) ON DELETE CASCADE,
    id         BLOB NOT NULL,
    collection TEXT NOT NULL,
    place      INTEGER NOT NULL,
    -- The row that the person was shown: its context is the context of the save. NULL: made in this draft.
    loaded     TEXT,
    PRIMARY KEY (draft, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE draft_registers (
    draft INTEGER NOT NULL,
    id    BLOB NOT NULL,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (draft, id, name),
    FOREIGN KEY (draft, id) REFERENCES draft_records (draft, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
