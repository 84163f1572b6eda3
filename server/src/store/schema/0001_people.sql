-- People, devices, sessions, areas, grants, rounds: what the office keeps and devices only hear of.
-- Ids are hyphenated lower-case UUIDs; times are milliseconds since 1970; days are ISO 8601 texts.

CREATE TABLE users (
    id           TEXT    NOT NULL PRIMARY KEY,
    -- What the person types to sign in; lower case.
    name         TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    display_name TEXT    NOT NULL CHECK (length(display_name) BETWEEN 1 AND 128),
    role         TEXT    NOT NULL CHECK (role IN ('enumerator', 'supervisor', 'officer', 'admin')),
    -- argon2id in PHC form; NULL for people who only ever use an enrolled device.
    password     TEXT,
    created_at   INTEGER NOT NULL,
    -- A disabled person can do nothing; what they did stays theirs.
    disabled_at  INTEGER
) STRICT;

CREATE TABLE devices (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL CHECK (length(name) <= 128),
    -- Version of the app at the last contact that told it.
    app         TEXT    NOT NULL CHECK (length(app) <= 64),
    user_id     TEXT    NOT NULL REFERENCES users (id),
    enrolled_at INTEGER NOT NULL,
    last_seen   INTEGER NOT NULL,
    -- A retired device may not sign in; what it signed earlier still arrives through others.
    retired_at  INTEGER
) STRICT;

CREATE INDEX devices_by_user ON devices (user_id);

CREATE TABLE enrolment_codes (
    -- BLAKE3 of the code in its typed-in form; the code itself is shown once and kept nowhere.
    hash       TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id),
    created_by TEXT    NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Who used it: the same device and writer may repeat the request, because answers get lost.
    used_at    INTEGER,
    device     TEXT,
    writer     TEXT,
    CHECK ((used_at IS NULL) = (device IS NULL) AND (used_at IS NULL) = (writer IS NULL))
) STRICT;

CREATE TABLE sessions (
    -- 12 random bytes in URL-safe base64: short, because every request carries it.
    id               TEXT    NOT NULL PRIMARY KEY,
    user_id          TEXT    NOT NULL REFERENCES users (id),
    -- NULL for the office, which signs in by password.
    device           TEXT    REFERENCES devices (id),
    -- BLAKE3 of the refresh token that works now.
    refresh          TEXT    NOT NULL UNIQUE,
    -- BLAKE3 of the one before: it works until the newer one is known to have arrived; later it ends the session.
    previous_refresh TEXT    UNIQUE,
    created_at       INTEGER NOT NULL,
    -- When it last got tokens.
    last_used        INTEGER NOT NULL,
    -- Whether one of those tokens was used: their answer has arrived.
    confirmed        INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    ended_at         INTEGER
) STRICT;

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_device ON sessions (device);

CREATE TABLE areas (
    id         TEXT NOT NULL PRIMARY KEY,
    -- Kemendagri code, or the office's for RW and RT: the parent's code, a point, and a part of its own.
    code       TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 64),
    level      TEXT NOT NULL CHECK (level IN ('province', 'regency', 'district', 'village', 'rw', 'rt')),
    name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    parent     TEXT REFERENCES areas (id),
    -- The same area in the code system of the statistics office.
    bps_code   TEXT,
    -- First and last day; NULL is open.
    valid_from TEXT,
    valid_to   TEXT
) STRICT;

CREATE INDEX areas_by_parent ON areas (parent);

-- What became of an area that was split, merged or renumbered; many to many.
CREATE TABLE area_successors (
    area      TEXT NOT NULL REFERENCES areas (id),
    successor TEXT NOT NULL REFERENCES areas (id),
    PRIMARY KEY (area, successor)
) STRICT;

CREATE TABLE outlines (
    area    TEXT NOT NULL PRIMARY KEY REFERENCES areas (id),
    -- A GeoJSON geometry.
    geojson TEXT NOT NULL
) STRICT;

CREATE TABLE grants (
    id         TEXT    NOT NULL PRIMARY KEY,
    user_id    TEXT    NOT NULL REFERENCES users (id),
    -- The area and all below it.
    area       TEXT    NOT NULL REFERENCES areas (id),
    -- From when, and until when (NULL is open): a save counts if it was authored within.
    starts     INTEGER NOT NULL,
    ends       INTEGER,
    granted_by TEXT    NOT NULL REFERENCES users (id),
    CHECK (ends IS NULL OR ends >= starts)
) STRICT;

CREATE INDEX grants_by_user ON grants (user_id);
CREATE INDEX grants_by_area ON grants (area);

-- A round of data collection.
CREATE TABLE rounds (
    id        TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 128),
    first_day TEXT NOT NULL,
    last_day  TEXT,
    -- Where: the area and all below it.
    area      TEXT NOT NULL REFERENCES areas (id),
    CHECK (last_day IS NULL OR last_day >= first_day)
) STRICT;

-- What people did that is no record: sign-ins, grants, exports. Ids and counts, no respondent's data.
CREATE TABLE audit (
    id      TEXT    NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    -- NULL: the server itself, or somebody who could not be told.
    actor   TEXT    REFERENCES users (id),
    action  TEXT    NOT NULL,
    -- Id of what it was done to.
    subject TEXT,
    note    TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
