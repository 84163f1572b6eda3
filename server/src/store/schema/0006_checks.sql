-- Visits held against their forms, and what does not fit.

-- Visits that were made with a form.
CREATE TABLE form_visits (
    visit   TEXT NOT NULL PRIMARY KEY,
    root    TEXT NOT NULL,                   -- the household
    package TEXT NOT NULL                    -- as the visit names it, known here or not
) STRICT, WITHOUT ROWID;

CREATE INDEX form_visits_by_root ON form_visits (root);
CREATE INDEX form_visits_by_package ON form_visits (package);

-- Households to be checked: listed in the transaction that changed them, worked off after it.
CREATE TABLE to_check (
    root    TEXT    NOT NULL PRIMARY KEY,
    changes INTEGER NOT NULL                 -- since it was listed: what changes while it is checked is checked again
) STRICT, WITHOUT ROWID;

-- Worked out from records and forms; can be made again.
CREATE TABLE findings (
    root       TEXT    NOT NULL,             -- the household
    record     TEXT    NOT NULL,             -- the visit, or the household as it was merged
    kind       TEXT    NOT NULL CHECK (kind IN ('visit', 'household')),
    path       TEXT    NOT NULL,             -- the question; rows by their place, counted from 1
    rule       TEXT    NOT NULL,             -- the rule that is broken
    package    TEXT    NOT NULL,             -- the form it was held against
    label_id   TEXT    NOT NULL,             -- what the question is called, in Bahasa Indonesia
    label_en   TEXT    NOT NULL,             -- in English
    message_id TEXT    NOT NULL,
    message_en TEXT    NOT NULL,
    sources    TEXT    NOT NULL,             -- JSON: the saves that the values came from, with their visits
    since      INTEGER NOT NULL,             -- milliseconds since 1970
    PRIMARY KEY (root, record, path, rule)
) STRICT, WITHOUT ROWID;

CREATE INDEX findings_by_time ON findings (since, root);
