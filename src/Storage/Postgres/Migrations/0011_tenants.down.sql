-- Rows of other tenants would be everybody's.
DO $$
BEGIN
    IF EXISTS (SELECT FROM sessions WHERE tenant_id <> 'default') OR EXISTS (SELECT FROM runs WHERE tenant_id <> 'default') OR EXISTS (SELECT FROM approvals WHERE tenant_id <> 'default') OR EXISTS (SELECT FROM user_memories WHERE tenant_id <> 'default') THEN
        RAISE EXCEPTION 'There are rows of other tenants than the default one. Export and delete them first.';
    END IF;
END
$$;

DROP FUNCTION read_logs(text, text[]);
DROP FUNCTION read_history(text[], text[], bigint[], integer[]);
DROP FUNCTION read_sessions(text[], text[]);
DROP FUNCTION delete_sessions(text, text[], text);
DROP FUNCTION accept_members(text[], uuid[], text[], text[], text[], text[], text[], text[], boolean[], text[], json[], json[], bigint[]);
DROP FUNCTION extend_runs(text[], uuid[], text[], bigint[], integer[], integer[], text[], json[], json[], integer[], json[], bytea[], json[], json[], json[], json[], bigint[]);
DROP FUNCTION record_runs(text[], uuid[], text[], text[], text[], text[], text[], text[], boolean[], text[], json[], json[], bigint[], text[], text[], text[], json[], bytea[], json[], json[], json[], json[], json[], bigint[], bigint[]);

-- Their indexes go with them.
ALTER TABLE user_memories DROP COLUMN tenant_id;
ALTER TABLE approvals DROP COLUMN tenant_id;
ALTER TABLE run_events DROP COLUMN tenant_id;
ALTER TABLE runs DROP COLUMN tenant_id;
ALTER TABLE sessions DROP COLUMN tenant_id;
