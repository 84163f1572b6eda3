-- Forms, and the interviews that are held with them.

-- Every form version that is published where this device works, or that something on it was begun with.
CREATE TABLE forms (
    -- BLAKE3 of the package; names it for ever.
    hash    BLOB PRIMARY KEY CHECK (length(hash) = 32),
    form    TEXT NOT NULL,
    version TEXT NOT NULL,
    title   TEXT NOT NULL,
    -- Length of the package, and how much of it has come.
    bytes   INTEGER NOT NULL CHECK (bytes > 0),
    held    INTEGER NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND bytes),
    -- All of it has come, and its hash is right.
    whole   INTEGER NOT NULL DEFAULT 0 CHECK (whole IN (0, 1)),
    -- Its place among those published, the newest version of each form first; NULL: published no more.
    place   INTEGER
) STRICT, WITHOUT ROWID;

-- The areas that a form is published for, of the device's own or above them.
CREATE TABLE form_areas (
    form BLOB NOT NULL REFERENCES forms (hash) ON DELETE CASCADE,
    area BLOB NOT NULL,
    PRIMARY KEY (form, area)
) STRICT, WITHOUT ROWID;

-- A package as it came, piece by piece.
CREATE TABLE form_parts (
    part  INTEGER PRIMARY KEY,
    form  BLOB NOT NULL REFERENCES forms (hash) ON DELETE CASCADE,
    -- Offset of its first byte.
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (form, start)
) STRICT;

-- What a draft is asked with, and how far it is. A draft without one is from before there were forms: it holds registers.
CREATE TABLE interviews (
    draft    INTEGER PRIMARY KEY REFERENCES drafts (draft) ON DELETE CASCADE,
    -- Begun with this form version, it is finished with it.
    form     BLOB NOT NULL REFERENCES forms (hash),
    -- The visit that it will be; ids of records that it makes derive from this one.
    visit    BLOB NOT NULL,
    -- The family that it is about, where the household has one.
    family   BLOB,
    -- What the register knew when it was shown, JSON.
    prefill  TEXT NOT NULL,
    -- The answers and the screen that is open, JSON; what happened stands in interview_events.
    sheet    TEXT NOT NULL,
    answered INTEGER NOT NULL,
    -- How the form calls it.
    label    TEXT
) STRICT;
CREATE INDEX interviews_by_form ON interviews (form);

-- What happened in an interview, so that an answer writes one line more and not all of them again.
CREATE TABLE interview_events (
    draft INTEGER NOT NULL REFERENCES interviews (draft) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (draft, place)
) STRICT, WITHOUT ROWID;

-- A server that knows forms tells of them in the directory: it is asked for anew.
DELETE FROM meta WHERE name = 'directory';
