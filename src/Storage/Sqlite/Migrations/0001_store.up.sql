-- Ids are compared byte by byte, which is what SQLite does unless told otherwise.
-- Documents are JSON as it was written. Texts that people write (names, inputs) are JSON strings: they may hold anything, a NUL or half a character too.
-- Rows refer to each other by numbers that grow with time, so new rows stand at the end of their tables, whatever the ids of callers look like.

CREATE TABLE sessions (
    creation            INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id          TEXT NOT NULL UNIQUE,
    session_type        TEXT NOT NULL,
    component_id        TEXT,
    user_id             TEXT,
    session_name        TEXT,
    -- The name in upper case as UTF-8, as the searching process folds it.
    session_name_folded BLOB,
    first_input         TEXT,
    session_state       TEXT,
    metadata            TEXT,
    metrics             TEXT,
    component_data      TEXT,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_creation ON sessions (created_at);
CREATE INDEX sessions_by_update ON sessions (updated_at);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_component ON sessions (component_id, created_at);

CREATE TABLE runs (
    sequence        INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id          TEXT NOT NULL UNIQUE,
    session         INTEGER NOT NULL,
    component_id    TEXT NOT NULL,
    user_id         TEXT,
    parent_run_id   TEXT,
    status          TEXT NOT NULL,
    generation      INTEGER NOT NULL DEFAULT 1,
    position        INTEGER NOT NULL DEFAULT 1,
    streamed        INTEGER NOT NULL,
    idempotency_key TEXT,
    created_at      INTEGER NOT NULL,
    output          TEXT NOT NULL
) STRICT;

CREATE INDEX runs_by_session ON runs (session, sequence);
CREATE INDEX runs_unfinished ON runs (sequence) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX runs_by_parent ON runs (parent_run_id, sequence) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_completed ON runs (session, component_id, sequence) WHERE status = 'COMPLETED';
CREATE INDEX runs_by_idempotency_key ON runs (component_id, user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- The events that were written together stand in one row, as an array; position is that of the first. Most runs have two rows.
CREATE TABLE run_events (
    run      INTEGER NOT NULL,
    position INTEGER NOT NULL,
    events   TEXT NOT NULL,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

-- What people have to agree to before runs go on. Approvals outlive their runs; how far the run is stands in runs only.
CREATE TABLE approvals (
    creation      INTEGER PRIMARY KEY AUTOINCREMENT,
    approval_id   TEXT NOT NULL UNIQUE,
    run_id        TEXT NOT NULL,
    session_id    TEXT NOT NULL,
    status        TEXT NOT NULL,
    -- The run has heard the decision, so nothing is left to do.
    is_applied    INTEGER NOT NULL,
    source_type   TEXT NOT NULL,
    approval_type TEXT,
    pause_type    TEXT,
    agent_id      TEXT,
    team_id       TEXT,
    workflow_id   TEXT,
    user_id       TEXT,
    schedule_id   TEXT,
    expires_at    INTEGER,
    created_at    INTEGER NOT NULL,
    -- The approval as it was created, and the decision about it.
    request       TEXT NOT NULL,
    resolution    TEXT
) STRICT;

CREATE INDEX approvals_by_creation ON approvals (created_at);
CREATE INDEX approvals_by_run ON approvals (run_id);
CREATE INDEX approvals_by_user ON approvals (user_id, created_at);
CREATE INDEX approvals_pending ON approvals (expires_at) WHERE status = 'pending';
CREATE INDEX approvals_unheard ON approvals (creation) WHERE status <> 'pending' AND NOT is_applied;

-- What is remembered about users. Memories outlive runs and sessions.
CREATE TABLE user_memories (
    creation      INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id     TEXT NOT NULL UNIQUE,
    user_id       TEXT NOT NULL,
    agent_id      TEXT,
    team_id       TEXT,
    memory        TEXT NOT NULL,
    -- The memory as searches in any case compare it.
    memory_folded BLOB NOT NULL,
    -- The topics, a JSON array in the order in which they were named; null when nobody named any.
    topics        TEXT,
    input         TEXT,
    feedback      TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX user_memories_by_user ON user_memories (user_id, updated_at);
CREATE INDEX user_memories_by_change ON user_memories (updated_at);
