-- Results that may be used again. Losing them costs time, so they are not written ahead: after a crash of the server the table is empty.
-- Texts are bytes: PostgreSQL's text cannot hold a NUL.
CREATE UNLOGGED TABLE cached_results (
    key         text COLLATE "C" PRIMARY KEY,
    result      bytea NOT NULL,
    -- Milliseconds since 1970 by the clock of whoever wrote it.
    written_at  bigint NOT NULL,
    expires_at  bigint NOT NULL
);

CREATE INDEX cached_results_by_expiry ON cached_results (expires_at);
