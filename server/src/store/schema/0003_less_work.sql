-- Less work for each record and each exchange.

-- A household is found by its own id, and its words once.

DROP INDEX records_by_root;
CREATE INDEX records_by_root ON records (root) WHERE root <> id;

CREATE TABLE words (
    root   TEXT NOT NULL,                    -- the household
    record TEXT NOT NULL,                    -- itself, or a family or member of it
    words  TEXT NOT NULL,                    -- lower case: names, address, NIK, card number
    PRIMARY KEY (root, record)
) STRICT, WITHOUT ROWID;

INSERT INTO words (root, record, words) SELECT r.root, r.id, s.words FROM search s JOIN records r ON r.id = s.record;
DROP TABLE search;

-- Counts changes of what devices are told of people, areas and rounds: a directory is worked out again only after one.
CREATE TABLE directory_changes (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    changes INTEGER NOT NULL
) STRICT;

INSERT INTO directory_changes (id, changes) VALUES (1, 0);
