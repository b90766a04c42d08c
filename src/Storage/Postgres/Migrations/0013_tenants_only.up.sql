-- contracts: silos of the version before cannot work any more. Until then an id is one tenant's only.
-- The functions that they call get other names, so that a silo which is left fails instead of reading and writing what is any tenant's.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT p.oid::regprocedure AS signature, p.proname AS name FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace AND NOT 'in_tenant_id' = ANY (coalesce(p.proargnames, '{}'))
            AND p.proname IN ('accept_runs', 'append_runs', 'record_runs', 'extend_runs', 'accept_members', 'delete_sessions', 'read_sessions', 'read_history', 'read_logs')
    LOOP
        EXECUTE format('ALTER FUNCTION %s RENAME TO %I', old.signature, old.name || '_before_tenants');
    END LOOP;
END
$$;

-- What looks after the work of all tenants keeps its indexes: approvals_pending, approvals_unheard.
ALTER TABLE sessions DROP CONSTRAINT sessions_pkey;
ALTER TABLE sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY USING INDEX sessions_of_tenants;
ALTER TABLE runs DROP CONSTRAINT runs_pkey;
ALTER TABLE runs ADD CONSTRAINT runs_pkey PRIMARY KEY USING INDEX runs_of_tenants;
ALTER TABLE run_events DROP CONSTRAINT run_events_pkey;
ALTER TABLE run_events ADD CONSTRAINT run_events_pkey PRIMARY KEY USING INDEX run_events_of_tenants;
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey;
ALTER TABLE approvals ADD CONSTRAINT approvals_pkey PRIMARY KEY USING INDEX approvals_of_tenants;
ALTER TABLE user_memories DROP CONSTRAINT user_memories_pkey;
ALTER TABLE user_memories ADD CONSTRAINT user_memories_pkey PRIMARY KEY USING INDEX user_memories_of_tenants;

DROP INDEX sessions_by_creation;
DROP INDEX sessions_by_update;
DROP INDEX sessions_by_component;
DROP INDEX sessions_of_user;
DROP INDEX runs_by_session;
DROP INDEX runs_by_idempotency_key;
DROP INDEX runs_by_parent;
DROP INDEX runs_for_history;
DROP INDEX runs_of_members;
DROP INDEX runs_unfinished_of_session;
DROP INDEX approvals_by_creation;
DROP INDEX approvals_by_run;
DROP INDEX approvals_by_user;
DROP INDEX user_memories_by_user;
DROP INDEX user_memories_by_change;

ALTER INDEX sessions_of_tenant_by_creation RENAME TO sessions_by_creation;
ALTER INDEX sessions_of_tenant_by_update RENAME TO sessions_by_update;
ALTER INDEX sessions_of_tenant_by_component RENAME TO sessions_by_component;
ALTER INDEX sessions_of_tenant_by_user RENAME TO sessions_of_user;
ALTER INDEX runs_of_tenant_by_session RENAME TO runs_by_session;
ALTER INDEX runs_of_tenant_by_idempotency_key RENAME TO runs_by_idempotency_key;
ALTER INDEX runs_of_tenant_by_parent RENAME TO runs_by_parent;
ALTER INDEX runs_of_tenant_for_history RENAME TO runs_for_history;
ALTER INDEX runs_of_tenant_of_members RENAME TO runs_of_members;
ALTER INDEX runs_of_tenant_unfinished RENAME TO runs_unfinished_of_session;
ALTER INDEX approvals_of_tenant_by_creation RENAME TO approvals_by_creation;
ALTER INDEX approvals_of_tenant_by_run RENAME TO approvals_by_run;
ALTER INDEX approvals_of_tenant_by_user RENAME TO approvals_by_user;
ALTER INDEX user_memories_of_tenant_by_user RENAME TO user_memories_by_user;
ALTER INDEX user_memories_of_tenant_by_change RENAME TO user_memories_by_change;
