-- After a restore: what the backup surely held, and rows of the lost time that devices still had.

-- The office's word on the witness rows; NULL: none yet.
ALTER TABLE restores ADD COLUMN decided TEXT CHECK (decided IN ('applied', 'dropped'));

-- How far each writer had got in the backup: later saves may be lost, or come again.
CREATE TABLE restored_writers (
    restore INTEGER NOT NULL REFERENCES restores (id),
    writer  TEXT    NOT NULL,
    applied INTEGER NOT NULL,
    PRIMARY KEY (restore, writer)
) STRICT, WITHOUT ROWID;

-- Rows as devices held them that saves had touched which this server does not know. Never deleted.
CREATE TABLE witness_rows (
    id         INTEGER PRIMARY KEY,
    record     TEXT    NOT NULL,
    collection TEXT    NOT NULL,
    hash       BLOB    NOT NULL,             -- of text, 16 bytes
    text       TEXT    NOT NULL,
    sender     TEXT    NOT NULL,             -- the writer of the device that sent it
    received   INTEGER NOT NULL,             -- milliseconds since 1970
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'applied', 'dropped')),
    UNIQUE (record, hash)
) STRICT;

CREATE INDEX witness_rows_waiting ON witness_rows (collection, record) WHERE state = 'waiting';

-- Parts of lost saves that were saved again under a writer of this server.
CREATE TABLE reissues (
    record    TEXT    NOT NULL,
    writer    TEXT    NOT NULL,              -- who saved it first
    save      INTEGER NOT NULL,
    as_writer TEXT    NOT NULL,              -- under which name it stands now
    as_save   INTEGER NOT NULL,
    as_tag    INTEGER NOT NULL,
    registers TEXT    NOT NULL,              -- JSON: the names
    seen      INTEGER NOT NULL,              -- the witness row's context of writer: number
    tag       INTEGER NOT NULL,              -- and tag
    forks     INTEGER NOT NULL CHECK (forks IN (0, 1)), -- writer is of a device: it may have had another life
    PRIMARY KEY (record, writer, save, as_writer)
) STRICT, WITHOUT ROWID;
