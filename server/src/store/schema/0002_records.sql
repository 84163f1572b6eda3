-- What devices and the office saved, and the rows that came of it (docs/data-model.md).

CREATE TABLE writers (
    id        TEXT    PRIMARY KEY,           -- one life of one installation, or of one server process
    key       BLOB    NOT NULL,              -- Ed25519 public key, 32 bytes
    user_id   TEXT,                          -- whom the writer was enrolled for; NULL: the server itself
    device_id TEXT,
    minted    INTEGER NOT NULL,              -- milliseconds since 1970
    closed    INTEGER,                       -- when it was retired; its saves stay valid
    stolen    INTEGER,                       -- when its device was reported stolen
    applied   INTEGER NOT NULL DEFAULT 0,    -- last save of the contiguous prefix that has a verdict
    backed_up INTEGER NOT NULL DEFAULT 0     -- last save that the oldest kept backup covers
) STRICT;

-- The inbox: append-only. A row here is what an acknowledgement means.
CREATE TABLE changesets (
    writer    TEXT    NOT NULL REFERENCES writers (id),
    seq       INTEGER NOT NULL,              -- number of its last save
    first     INTEGER NOT NULL,              -- number of its first save
    hash      BLOB    NOT NULL,              -- with writer and seq, its identity
    after     BLOB    NOT NULL,              -- hash of the changeset before it
    signature BLOB    NOT NULL,
    author    TEXT    NOT NULL,
    clock     INTEGER NOT NULL,              -- effective: fixed when first stored
    received  INTEGER NOT NULL,
    carrier   TEXT,                          -- the writer whose session brought it, if another
    verdicts  TEXT,                          -- of saves up to writers.applied: the ranges that are not plainly applied; NULL: none
    tags      BLOB    NOT NULL,              -- four bytes a save
    header    TEXT    NOT NULL,              -- exact line
    payload   TEXT    NOT NULL,              -- exact save lines, one a line; last, so that nothing is read past it
    PRIMARY KEY (writer, seq)
) STRICT;

-- Bytes that may not take a number: forks, and what does not verify. Bounded; nothing waits for them.
CREATE TABLE kept_aside (
    hash     BLOB    PRIMARY KEY,            -- of header and payload
    writer   TEXT    NOT NULL,
    seq      INTEGER,
    code     TEXT    NOT NULL,
    received INTEGER NOT NULL,
    bytes    BLOB    NOT NULL                -- signature, header line, save lines
) STRICT;

CREATE TABLE records (
    id          TEXT    PRIMARY KEY,
    collection  TEXT    NOT NULL CHECK (collection IN ('family', 'household', 'person', 'visit')),
    root        TEXT    NOT NULL,            -- the household; its own id for a household
    area        TEXT    NOT NULL,            -- where it stands: the root's _area
    seq         INTEGER NOT NULL,            -- the area's change number of its last change
    doc         TEXT    NOT NULL,            -- the row's canonical text
    hash        BLOB    NOT NULL,            -- of doc, 16 bytes
    last_writer TEXT    NOT NULL,            -- who changed it last
    other_seq   INTEGER NOT NULL,            -- change number of the last change that last_writer's own device cannot work out
    recent      TEXT    NOT NULL             -- the newest changes: [[seq, writer, [registers]], …]; older ones are not told
) STRICT;

CREATE INDEX records_by_area ON records (area, seq);
CREATE INDEX records_by_root ON records (root);

-- A record that left an area: told to devices that still hold it there.
CREATE TABLE evictions (
    area   TEXT    NOT NULL,
    record TEXT    NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (area, record)
) STRICT, WITHOUT ROWID;

CREATE INDEX evictions_by_area ON evictions (area, seq);
CREATE INDEX evictions_by_record ON evictions (record);

CREATE TABLE area_heads (
    area   TEXT    PRIMARY KEY,
    seq    INTEGER NOT NULL,
    salt   BLOB    NOT NULL,                 -- eight random bytes of the last commit
    digest BLOB    NOT NULL                  -- sum of the rows' hashes, 16 bytes
) STRICT;

-- Every head there ever was, so that a cursor from before a restore is noticed.
CREATE TABLE head_history (
    area   TEXT    NOT NULL,
    seq    INTEGER NOT NULL,                 -- the head after the commit
    salt   BLOB    NOT NULL,
    mark   INTEGER NOT NULL,                 -- number of the commit
    PRIMARY KEY (area, seq)
) STRICT;

CREATE TABLE marks (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    mark INTEGER NOT NULL                    -- number of the last commit that changed an area
) STRICT;

INSERT INTO marks (id, mark) VALUES (1, 0);

-- Registers that hold several values, for the office's list.
CREATE TABLE conflicts (
    record   TEXT    NOT NULL,
    register TEXT    NOT NULL,
    root     TEXT    NOT NULL,
    area     TEXT    NOT NULL,
    since    INTEGER NOT NULL,               -- milliseconds since 1970
    PRIMARY KEY (record, register)
) STRICT, WITHOUT ROWID;

CREATE INDEX conflicts_by_area ON conflicts (area, since);

-- Which saves touched a record: its history.
CREATE TABLE touches (
    record TEXT    NOT NULL,
    writer TEXT    NOT NULL,
    save   INTEGER NOT NULL,
    PRIMARY KEY (record, writer, save)
) STRICT, WITHOUT ROWID;

-- Words to find a household by: of itself and of its families and members.
CREATE TABLE search (
    record TEXT NOT NULL PRIMARY KEY,
    root   TEXT NOT NULL,
    area   TEXT NOT NULL,
    words  TEXT NOT NULL                     -- lower case: names, address, NIK, card number
) STRICT, WITHOUT ROWID;

CREATE INDEX search_by_root ON search (root);
