-- Held saves whose record would stand nowhere, by the record that is missing: when it comes, they are judged again.

CREATE TABLE held_awaits (
    record TEXT    NOT NULL,
    writer TEXT    NOT NULL,
    save   INTEGER NOT NULL,
    PRIMARY KEY (record, writer, save)
) STRICT, WITHOUT ROWID;
