-- Confirming own saves asks thousands of rows for their hashes; beside the texts each would cost a decrypted page.
CREATE INDEX docs_hashes ON docs (doc, hash);
