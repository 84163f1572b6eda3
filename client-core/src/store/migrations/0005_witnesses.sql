-- Rows as this device held them before a restored server, which had lost something of them, sent others in their place.
-- They are sent to the server and kept: it may be restored again.
CREATE TABLE witnesses (
    witness INTEGER PRIMARY KEY,
    id      BLOB NOT NULL,
    hash    BLOB NOT NULL CHECK (length(hash) = 16),
    text    TEXT NOT NULL,
    -- The server has said that it keeps the row or does not need it.
    sent    INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),
    UNIQUE (id, hash)
) STRICT;
CREATE INDEX witnesses_unsent ON witnesses (witness) WHERE sent = 0;
