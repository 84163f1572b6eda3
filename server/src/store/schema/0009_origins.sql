-- Changesets that a device sealed again under a new writer, by what they were before: a save is taken once.

CREATE TABLE origins (
    writer TEXT    NOT NULL,                 -- identity of the changeset as it was first sealed
    seq    INTEGER NOT NULL,
    hash   BLOB    NOT NULL,
    by     TEXT    NOT NULL,                 -- the writer and the number that it was taken under
    by_seq INTEGER NOT NULL,
    PRIMARY KEY (writer, seq, hash)
) STRICT, WITHOUT ROWID;
