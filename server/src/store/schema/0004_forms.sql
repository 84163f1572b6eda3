-- Questionnaires: their versions and where they are published.

CREATE TABLE form_versions (
    -- BLAKE3 of the package, 64 hexadecimal digits: names form and tables for ever.
    hash         TEXT    NOT NULL PRIMARY KEY,
    -- The form's id and version, as its settings sheet writes them.
    form         TEXT    NOT NULL CHECK (length(form) >= 1),
    version      TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    -- A draft may still be replaced; from its publication on a version never changes.
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    -- Of the package.
    bytes        INTEGER NOT NULL,
    questions    INTEGER NOT NULL,
    groups       INTEGER NOT NULL,
    repeats      INTEGER NOT NULL,
    languages    INTEGER NOT NULL,
    -- NULL: the operator on the machine itself.
    uploaded_by  TEXT    REFERENCES users (id),
    uploaded_at  INTEGER NOT NULL,
    -- When it was published first; of two versions of a form the one published later is the newer.
    published_at INTEGER,
    -- When it was withdrawn from its last area.
    retired_at   INTEGER,
    UNIQUE (form, version),
    CHECK ((state = 'draft') = (published_at IS NULL) AND (state = 'retired') = (retired_at IS NOT NULL))
) STRICT;

-- Apart from the versions, so that listing those reads no megabytes.
CREATE TABLE form_packages (
    hash    TEXT NOT NULL PRIMARY KEY REFERENCES form_versions (hash),
    package BLOB NOT NULL
) STRICT;

-- The files that a version was read from: the workbook or its sheets, and the tables beside it.
CREATE TABLE form_files (
    hash  TEXT NOT NULL REFERENCES form_versions (hash),
    name  TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (hash, name)
) STRICT;

-- Where a version is or was published: the area and all below it.
CREATE TABLE form_areas (
    hash         TEXT    NOT NULL REFERENCES form_versions (hash),
    area         TEXT    NOT NULL REFERENCES areas (id),
    published_at INTEGER NOT NULL,
    -- When it was withdrawn there; devices may still fetch what visits were made with.
    withdrawn_at INTEGER,
    PRIMARY KEY (hash, area)
) STRICT, WITHOUT ROWID;
