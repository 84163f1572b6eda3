-- Schema 1 of the file beside the store: bytes of attachments, in pieces that a small phone holds in its memory.
CREATE TABLE blobs (
    hash   BLOB PRIMARY KEY CHECK (length(hash) = 32),
    bytes  INTEGER NOT NULL,
    -- Device time: what nobody names after a day is dropped.
    put_at INTEGER NOT NULL,
    -- A sealed save names it: kept even where the store that says so is lost.
    saved  INTEGER NOT NULL DEFAULT 0 CHECK (saved IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE pieces (
    piece INTEGER PRIMARY KEY,
    hash  BLOB NOT NULL REFERENCES blobs (hash) ON DELETE CASCADE,
    -- Offset of its first byte.
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (hash, start)
) STRICT;
