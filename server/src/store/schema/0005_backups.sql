-- Backups that are kept, and where this database comes from.

CREATE TABLE backups (
    id    INTEGER PRIMARY KEY,
    made  INTEGER NOT NULL,                  -- when its snapshot was taken, milliseconds since 1970
    file  TEXT    NOT NULL,                  -- where it lies
    bytes INTEGER NOT NULL
) STRICT;

-- What a kept backup holds of each writer: writers.backed_up is what the oldest one holds.
CREATE TABLE backup_writers (
    backup  INTEGER NOT NULL REFERENCES backups (id),
    writer  TEXT    NOT NULL,
    applied INTEGER NOT NULL,
    PRIMARY KEY (backup, writer)
) STRICT, WITHOUT ROWID;

CREATE TABLE restores (
    id       INTEGER PRIMARY KEY,
    made     INTEGER NOT NULL,               -- when the backup was made
    restored INTEGER NOT NULL
) STRICT;
