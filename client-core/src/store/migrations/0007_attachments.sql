-- Attachments: photos and other files of visits. Their bytes lie in the file beside this one.
CREATE TABLE attachments (
    -- BLAKE3 of the bytes.
    hash  BLOB PRIMARY KEY CHECK (length(hash) = 32),
    bytes INTEGER NOT NULL,
    -- A sealed save names it; else only drafts do.
    saved INTEGER NOT NULL DEFAULT 0 CHECK (saved IN (0, 1)),
    -- here: the server has it, and not yet every backup of it. What every backup holds is forgotten.
    -- lost: its bytes are gone from this device, and the server was not told yet.
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'here', 'refused', 'lost'))
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_waiting ON attachments (hash) WHERE saved = 1 AND state IN ('waiting', 'lost');

-- Files that a draft's answers may name.
CREATE TABLE draft_attachments (
    draft INTEGER NOT NULL REFERENCES drafts (draft) ON DELETE CASCADE,
    -- What the answers call it.
    name  TEXT NOT NULL,
    hash  BLOB NOT NULL REFERENCES attachments (hash),
    media TEXT NOT NULL,
    PRIMARY KEY (draft, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_attachments_by_hash ON draft_attachments (hash);
