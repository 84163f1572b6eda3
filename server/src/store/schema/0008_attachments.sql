-- Attachments: photos and other files that records name by their hash. The bytes lie in the folder or bucket of the settings.

-- Files whose bytes are here.
CREATE TABLE blobs (
    hash    TEXT    NOT NULL PRIMARY KEY,    -- BLAKE3 of the bytes, 64 hexadecimal digits
    number  INTEGER NOT NULL UNIQUE,         -- in the order they came; never given twice, so that a backup holds all up to one
    bytes   INTEGER NOT NULL,
    arrived INTEGER NOT NULL,                -- milliseconds since 1970
    user_id TEXT    NOT NULL,                -- whose session brought it: counts against their quota
    device  TEXT,
    gone    INTEGER                          -- when it was forgotten; the row stays while a kept backup holds the bytes
) STRICT;

CREATE INDEX blobs_by_user ON blobs (user_id, bytes) WHERE gone IS NULL;

-- Stored changesets that name a file: as long as there is one, the file is not forgotten.
CREATE TABLE blob_mentions (
    hash   TEXT    NOT NULL,
    writer TEXT    NOT NULL,
    seq    INTEGER NOT NULL,                 -- 0: bytes that were kept aside and say none
    PRIMARY KEY (hash, writer, seq)
) STRICT, WITHOUT ROWID;

-- Files that the rows name now: who may get them, and which are missing. Worked out from records; can be made again.
CREATE TABLE blob_names (
    record   TEXT    NOT NULL,
    register TEXT    NOT NULL,
    hash     TEXT    NOT NULL,
    bytes    INTEGER NOT NULL,
    name     TEXT    NOT NULL,               -- what the answers call it
    media    TEXT    NOT NULL,
    writer   TEXT    NOT NULL,               -- the save that named it
    save     INTEGER NOT NULL,
    author   TEXT    NOT NULL,
    at       INTEGER NOT NULL,               -- effective clock of that save
    PRIMARY KEY (record, register, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_names_by_hash ON blob_names (hash);

-- Files that their device has lost for ever.
CREATE TABLE blob_losses (
    hash    TEXT    NOT NULL PRIMARY KEY,
    told    INTEGER NOT NULL,
    user_id TEXT    NOT NULL,
    device  TEXT
) STRICT;

-- The highest blobs.number that a backup holds.
ALTER TABLE backups ADD COLUMN blobs INTEGER NOT NULL DEFAULT 0;
