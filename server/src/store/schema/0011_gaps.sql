-- Gaps in the numbers of a device that is gone: sealed, what waits behind them is judged.

CREATE TABLE sealed_gaps (
    writer TEXT    NOT NULL,
    first  INTEGER NOT NULL,                 -- save numbers that nobody will send any more
    last   INTEGER NOT NULL,
    sealed INTEGER NOT NULL,                 -- when, milliseconds since 1970
    reason TEXT    NOT NULL,
    PRIMARY KEY (writer, first),
    CHECK (first <= last)
) STRICT, WITHOUT ROWID;

-- How often the judging of a changeset was begun and not brought to its end. Empty unless the server failed on one.
CREATE TABLE attempts (
    writer   TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (writer, seq)
) STRICT, WITHOUT ROWID;
