-- Every key begins with the tenant, so two tenants may use the same ids. Keys of tables cannot be changed, so the tables are made anew.
-- Events and runs refer to runs and sessions by their numbers, which no caller knows: they belong to a tenant by that.
-- What looks after the work of all tenants has indexes without one: unfinished runs, due approvals.

CREATE TABLE new_sessions (
    creation            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id           TEXT NOT NULL,
    session_id          TEXT NOT NULL,
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
    updated_at          INTEGER NOT NULL,
    UNIQUE (tenant_id, session_id)
) STRICT;

INSERT INTO sqlite_sequence (name, seq) SELECT 'new_sessions', seq FROM sqlite_sequence WHERE name = 'sessions';
INSERT INTO new_sessions (creation, tenant_id, session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata, metrics, component_data, created_at, updated_at)
    SELECT creation, 'default', session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata, metrics, component_data, created_at, updated_at FROM sessions ORDER BY creation;
DROP TABLE sessions;
ALTER TABLE new_sessions RENAME TO sessions;

CREATE INDEX sessions_by_creation ON sessions (tenant_id, created_at);
CREATE INDEX sessions_by_update ON sessions (tenant_id, updated_at);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at);
CREATE INDEX sessions_by_component ON sessions (tenant_id, component_id, created_at);

CREATE TABLE new_runs (
    sequence        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id       TEXT NOT NULL,
    run_id          TEXT NOT NULL,
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
    output          TEXT NOT NULL,
    UNIQUE (tenant_id, run_id)
) STRICT;

INSERT INTO sqlite_sequence (name, seq) SELECT 'new_runs', seq FROM sqlite_sequence WHERE name = 'runs';
INSERT INTO new_runs (sequence, tenant_id, run_id, session, component_id, user_id, parent_run_id, status, generation, position, streamed, idempotency_key, created_at, output)
    SELECT sequence, 'default', run_id, session, component_id, user_id, parent_run_id, status, generation, position, streamed, idempotency_key, created_at, output FROM runs ORDER BY sequence;
DROP TABLE runs;
ALTER TABLE new_runs RENAME TO runs;

CREATE INDEX runs_by_session ON runs (session, sequence);
CREATE INDEX runs_unfinished ON runs (sequence) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX runs_by_parent ON runs (tenant_id, parent_run_id, sequence) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_completed ON runs (session, component_id, sequence) WHERE status = 'COMPLETED';
CREATE INDEX runs_by_idempotency_key ON runs (tenant_id, component_id, user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE new_approvals (
    creation      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     TEXT NOT NULL,
    approval_id   TEXT NOT NULL,
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
    resolution    TEXT,
    UNIQUE (tenant_id, approval_id)
) STRICT;

INSERT INTO sqlite_sequence (name, seq) SELECT 'new_approvals', seq FROM sqlite_sequence WHERE name = 'approvals';
INSERT INTO new_approvals (creation, tenant_id, approval_id, run_id, session_id, status, is_applied, source_type, approval_type, pause_type, agent_id, team_id, workflow_id, user_id, schedule_id, expires_at, created_at, request, resolution)
    SELECT creation, 'default', approval_id, run_id, session_id, status, is_applied, source_type, approval_type, pause_type, agent_id, team_id, workflow_id, user_id, schedule_id, expires_at, created_at, request, resolution FROM approvals ORDER BY creation;
DROP TABLE approvals;
ALTER TABLE new_approvals RENAME TO approvals;

CREATE INDEX approvals_by_creation ON approvals (tenant_id, created_at);
CREATE INDEX approvals_by_run ON approvals (tenant_id, run_id);
CREATE INDEX approvals_by_user ON approvals (tenant_id, user_id, created_at);
CREATE INDEX approvals_pending ON approvals (expires_at) WHERE status = 'pending';
CREATE INDEX approvals_unheard ON approvals (creation) WHERE status <> 'pending' AND NOT is_applied;

CREATE TABLE new_user_memories (
    creation      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id     TEXT NOT NULL,
    memory_id     TEXT NOT NULL,
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
    updated_at    INTEGER NOT NULL,
    UNIQUE (tenant_id, memory_id)
) STRICT;

INSERT INTO sqlite_sequence (name, seq) SELECT 'new_user_memories', seq FROM sqlite_sequence WHERE name = 'user_memories';
INSERT INTO new_user_memories (creation, tenant_id, memory_id, user_id, agent_id, team_id, memory, memory_folded, topics, input, feedback, created_at, updated_at)
    SELECT creation, 'default', memory_id, user_id, agent_id, team_id, memory, memory_folded, topics, input, feedback, created_at, updated_at FROM user_memories ORDER BY creation;
DROP TABLE user_memories;
ALTER TABLE new_user_memories RENAME TO user_memories;

CREATE INDEX user_memories_by_user ON user_memories (tenant_id, user_id, updated_at);
CREATE INDEX user_memories_by_change ON user_memories (tenant_id, updated_at);
