-- An id that two tenants use stops here, and nothing is changed.
ALTER INDEX sessions_by_creation RENAME TO sessions_of_tenant_by_creation;
ALTER INDEX sessions_by_update RENAME TO sessions_of_tenant_by_update;
ALTER INDEX sessions_by_component RENAME TO sessions_of_tenant_by_component;
ALTER INDEX sessions_of_user RENAME TO sessions_of_tenant_by_user;
ALTER INDEX runs_by_session RENAME TO runs_of_tenant_by_session;
ALTER INDEX runs_by_idempotency_key RENAME TO runs_of_tenant_by_idempotency_key;
ALTER INDEX runs_by_parent RENAME TO runs_of_tenant_by_parent;
ALTER INDEX runs_for_history RENAME TO runs_of_tenant_for_history;
ALTER INDEX runs_of_members RENAME TO runs_of_tenant_of_members;
ALTER INDEX runs_unfinished_of_session RENAME TO runs_of_tenant_unfinished;
ALTER INDEX approvals_by_creation RENAME TO approvals_of_tenant_by_creation;
ALTER INDEX approvals_by_run RENAME TO approvals_of_tenant_by_run;
ALTER INDEX approvals_by_user RENAME TO approvals_of_tenant_by_user;
ALTER INDEX user_memories_by_user RENAME TO user_memories_of_tenant_by_user;
ALTER INDEX user_memories_by_change RENAME TO user_memories_of_tenant_by_change;

ALTER TABLE sessions DROP CONSTRAINT sessions_pkey;
ALTER TABLE sessions ADD PRIMARY KEY (session_id);
CREATE UNIQUE INDEX sessions_of_tenants ON sessions (tenant_id, session_id);
ALTER TABLE runs DROP CONSTRAINT runs_pkey;
ALTER TABLE runs ADD PRIMARY KEY (run_id);
CREATE UNIQUE INDEX runs_of_tenants ON runs (tenant_id, run_id);
ALTER TABLE run_events DROP CONSTRAINT run_events_pkey;
ALTER TABLE run_events ADD PRIMARY KEY (run_id, position);
CREATE UNIQUE INDEX run_events_of_tenants ON run_events (tenant_id, run_id, position);
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey;
ALTER TABLE approvals ADD PRIMARY KEY (approval_id);
CREATE UNIQUE INDEX approvals_of_tenants ON approvals (tenant_id, approval_id);
ALTER TABLE user_memories DROP CONSTRAINT user_memories_pkey;
ALTER TABLE user_memories ADD PRIMARY KEY (memory_id);
CREATE UNIQUE INDEX user_memories_of_tenants ON user_memories (tenant_id, memory_id);

CREATE INDEX sessions_by_creation ON sessions (created_at, creation);
CREATE INDEX sessions_by_update ON sessions (updated_at, creation);
CREATE INDEX sessions_by_component ON sessions (component_id, created_at, creation);
CREATE INDEX sessions_of_user ON sessions (user_id, created_at, creation) WHERE user_id IS NOT NULL;
CREATE INDEX runs_by_session ON runs (session_id, sequence);
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (component_id, (user_id IS NULL), (coalesce(user_id, '')), idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_by_parent ON runs (parent_run_id, sequence) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_for_history ON runs (session_id, sequence) WHERE status = 'COMPLETED' AND parent_run_id IS NULL;
CREATE INDEX runs_of_members ON runs (component_id, hashtextextended(session_id, 0), sequence) WHERE status = 'COMPLETED' AND parent_run_id IS NOT NULL;
CREATE INDEX runs_unfinished_of_session ON runs (session_id, sequence) WHERE status IN ('PENDING', 'RUNNING');
CREATE INDEX approvals_by_creation ON approvals (created_at, creation);
CREATE INDEX approvals_by_run ON approvals (run_id);
CREATE INDEX approvals_by_user ON approvals (user_id, created_at, creation);
CREATE INDEX user_memories_by_user ON user_memories (user_id, updated_at, creation);
CREATE INDEX user_memories_by_change ON user_memories (updated_at, creation);

DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT p.oid::regprocedure AS signature, p.proname AS name FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE '%\_before\_tenants'
    LOOP
        EXECUTE format('ALTER FUNCTION %s RENAME TO %I', old.signature, replace(old.name, '_before_tenants', ''));
    END LOOP;
END
$$;
