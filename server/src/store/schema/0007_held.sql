-- Judgement: saves that were judged and not merged, what they wait for, and what became of them.

CREATE TABLE held (
    writer       TEXT    NOT NULL,
    save         INTEGER NOT NULL,
    life         TEXT    NOT NULL DEFAULT '', -- hash of the bytes kept aside, hexadecimal; empty: it stands under its number
    tag          INTEGER,                     -- of the save; NULL: not looked into yet
    word         TEXT    NOT NULL CHECK (word IN ('applied', 'applied_with_conflict', 'parked', 'quarantined', 'rejected')),
    code         TEXT,
    since        INTEGER NOT NULL,            -- when it was judged first, milliseconds since 1970
    decision     INTEGER,                     -- number of its last decision among its writer's; NULL: as it was judged first
    under_writer TEXT,                        -- merged as this save of a writer that the server minted for it
    under_save   INTEGER,
    PRIMARY KEY (writer, save, life),
    CHECK ((word IN ('quarantined', 'rejected')) = (code IS NOT NULL)),
    CHECK ((word IN ('applied', 'applied_with_conflict')) = (under_writer IS NOT NULL)),
    CHECK ((under_writer IS NULL) = (under_save IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX held_unsettled ON held (since, writer, save, life) WHERE word IN ('parked', 'quarantined');
CREATE UNIQUE INDEX held_decisions ON held (writer, decision) WHERE decision IS NOT NULL;
CREATE INDEX held_unread ON held (writer) WHERE tag IS NULL;

-- The records that a held save touches, as far as it can be read.
CREATE TABLE held_records (
    record TEXT    NOT NULL,
    writer TEXT    NOT NULL,
    save   INTEGER NOT NULL,
    life   TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (record, writer, save, life)
) STRICT, WITHOUT ROWID;

CREATE INDEX held_records_by_save ON held_records (writer, save, life);

-- What a parked save waits for.
CREATE TABLE held_waits (
    writer    TEXT    NOT NULL,
    save      INTEGER NOT NULL,
    on_writer TEXT    NOT NULL,
    on_save   INTEGER NOT NULL,
    PRIMARY KEY (writer, save, on_writer, on_save)
) STRICT, WITHOUT ROWID;

CREATE INDEX held_waits_on ON held_waits (on_writer, on_save);

-- What was quarantined before there was this list; what it touches is read when the server starts.
INSERT INTO held (writer, save, word, code, since)
WITH RECURSIVE
    ranges (writer, first, last, code, received) AS (
        SELECT c.writer, v.value ->> 0, v.value ->> 1, v.value ->> 3, c.received
          FROM changesets c, json_each(c.verdicts) v WHERE c.verdicts IS NOT NULL AND v.value ->> 2 = 'quarantined'),
    each (writer, save, last, code, received) AS (
        SELECT writer, first, last, code, received FROM ranges
        UNION ALL SELECT writer, save + 1, last, code, received FROM each WHERE save < last)
SELECT writer, save, 'quarantined', code, received FROM each;

-- Where bytes that were kept aside stood in the chain of their writer; NULL where that is not known.
ALTER TABLE kept_aside ADD COLUMN after BLOB;
