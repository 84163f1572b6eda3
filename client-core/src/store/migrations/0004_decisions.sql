-- What was decided later of saves that the server had held.

-- Merged as this save of a writer that the server minted for it.
ALTER TABLE verdicts ADD COLUMN under_writer BLOB;
ALTER TABLE verdicts ADD COLUMN under_save INTEGER;
-- The person has seen that it was rejected.
ALTER TABLE verdicts ADD COLUMN seen INTEGER NOT NULL DEFAULT 0 CHECK (seen IN (0, 1));
