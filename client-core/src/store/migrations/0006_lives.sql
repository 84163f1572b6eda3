-- Earlier writers of this device: its file was restored or copied, and what they had sealed still counts.

CREATE TABLE lives (
    -- Counted from 0; a save's place is its number plus this times 2^40.
    life      INTEGER PRIMARY KEY,
    writer    BLOB NOT NULL UNIQUE,
    secret    BLOB NOT NULL,
    -- As for the present writer, whose values stand in meta.
    applied   INTEGER NOT NULL,
    decided   INTEGER NOT NULL,
    backed_up INTEGER NOT NULL,
    -- The server may not know the writer: another one vouches for it.
    vouch     INTEGER NOT NULL CHECK (vouch IN (0, 1))
) STRICT;

-- Sealed again under a later writer: never sent, and kept.
ALTER TABLE changesets ADD COLUMN retold INTEGER NOT NULL DEFAULT 0 CHECK (retold IN (0, 1));
