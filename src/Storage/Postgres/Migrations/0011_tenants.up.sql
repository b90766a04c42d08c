-- outside of a transaction: every part can be repeated, and parts end with a line of two dashes.
-- Expands: rows get a tenant, and each index gets a twin that begins with it, without keeping readers or writers out. What silos of the version before call and
-- look through stays as it is until the contraction; they know the default tenant only.
DO $$
DECLARE
    broken text;
BEGIN
    -- An index whose making was interrupted is of no use.
    FOR broken IN
        SELECT i.indexrelid::regclass::text FROM pg_index i
        WHERE NOT i.indisvalid AND i.indrelid = ANY (ARRAY['sessions'::regclass, 'runs'::regclass, 'run_events'::regclass, 'approvals'::regclass, 'user_memories'::regclass])
    LOOP
        EXECUTE 'DROP INDEX ' || broken;
    END LOOP;
END
$$;
--
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS tenant_id text COLLATE "C" NOT NULL DEFAULT 'default';
--
ALTER TABLE runs ADD COLUMN IF NOT EXISTS tenant_id text COLLATE "C" NOT NULL DEFAULT 'default';
--
ALTER TABLE run_events ADD COLUMN IF NOT EXISTS tenant_id text COLLATE "C" NOT NULL DEFAULT 'default';
--
ALTER TABLE approvals ADD COLUMN IF NOT EXISTS tenant_id text COLLATE "C" NOT NULL DEFAULT 'default';
--
ALTER TABLE user_memories ADD COLUMN IF NOT EXISTS tenant_id text COLLATE "C" NOT NULL DEFAULT 'default';
--
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS sessions_of_tenants ON sessions (tenant_id, session_id);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_of_tenant_by_creation ON sessions (tenant_id, created_at, creation);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_of_tenant_by_update ON sessions (tenant_id, updated_at, creation);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_of_tenant_by_component ON sessions (tenant_id, component_id, created_at, creation);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS sessions_of_tenant_by_user ON sessions (tenant_id, user_id, created_at, creation) WHERE user_id IS NOT NULL;
--
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenants ON runs (tenant_id, run_id);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenant_by_session ON runs (tenant_id, session_id, sequence);
--
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenant_by_idempotency_key ON runs (tenant_id, component_id, (user_id IS NULL), (coalesce(user_id, '')), idempotency_key)
    WHERE idempotency_key IS NOT NULL;
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenant_by_parent ON runs (tenant_id, parent_run_id, sequence) WHERE parent_run_id IS NOT NULL;
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenant_for_history ON runs (tenant_id, session_id, sequence) WHERE status = 'COMPLETED' AND parent_run_id IS NULL;
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenant_of_members ON runs (tenant_id, component_id, hashtextextended(session_id, 0), sequence)
    WHERE status = 'COMPLETED' AND parent_run_id IS NOT NULL;
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS runs_of_tenant_unfinished ON runs (tenant_id, session_id, sequence) WHERE status IN ('PENDING', 'RUNNING');
--
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS run_events_of_tenants ON run_events (tenant_id, run_id, position);
--
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS approvals_of_tenants ON approvals (tenant_id, approval_id);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS approvals_of_tenant_by_creation ON approvals (tenant_id, created_at, creation);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS approvals_of_tenant_by_run ON approvals (tenant_id, run_id);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS approvals_of_tenant_by_user ON approvals (tenant_id, user_id, created_at, creation);
--
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS user_memories_of_tenants ON user_memories (tenant_id, memory_id);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS user_memories_of_tenant_by_user ON user_memories (tenant_id, user_id, updated_at, creation);
--
CREATE INDEX CONCURRENTLY IF NOT EXISTS user_memories_of_tenant_by_change ON user_memories (tenant_id, updated_at, creation);
--
-- Records runs. The condition of the upsert is the engine's rule of admission; for a refused run the session is returned, so that the engine says why. Items come
-- ordered by session: all who lock sessions do it in this order. No two of them have the same session, run id or idempotency
-- key, not even of different tenants: ids of one batch name one thing.
-- A run that another transaction records meanwhile breaks this one off, and the next try finds it.
CREATE OR REPLACE FUNCTION record_runs(
    in_tenant_id text[], in_write uuid[], in_run_id text[], in_session_id text[], in_agent_id text[], in_user_id text[], in_parent_run_id text[],
    in_idempotency_key text[], in_streamed boolean[], in_status text[], in_output json[], in_events json[], in_created_at bigint[],
    in_session_type text[], in_component_id text[], in_session_user_id text[], in_session_name json[], in_session_name_folded bytea[],
    in_first_input json[], in_session_state json[], in_metadata json[], in_metrics json[], in_component_data json[],
    in_session_created_at bigint[], in_session_updated_at bigint[])
RETURNS TABLE (outcome text, known_run_id text, known_sequence bigint, stored_type text, stored_component_id text, stored_user_id text,
    opens_session boolean)
LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    admitted text[];
    opened boolean[];
    new_writes uuid[];
    new_sequences bigint[];
BEGIN
    WITH session AS (
        INSERT INTO sessions AS s (
            tenant_id, session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata,
            metrics, component_data, created_at, updated_at)
        SELECT
            i.tenant_id, i.session_id, i.session_type, i.component_id, i.session_user_id, i.session_name, i.session_name_folded, i.first_input, i.session_state, i.metadata,
            i.metrics, i.component_data, i.session_created_at, i.session_updated_at
        FROM unnest(
            in_tenant_id, in_run_id, in_agent_id, in_user_id, in_idempotency_key,
            in_session_id, in_session_type, in_component_id, in_session_user_id, in_session_name, in_session_name_folded,
            in_first_input, in_session_state, in_metadata, in_metrics, in_component_data, in_session_created_at, in_session_updated_at) WITH ORDINALITY
        AS i (
            tenant_id, run_id, agent_id, user_id, idempotency_key,
            session_id, session_type, component_id, session_user_id, session_name, session_name_folded,
            first_input, session_state, metadata, metrics, component_data, session_created_at, session_updated_at, ordinal)
        WHERE NOT EXISTS (SELECT FROM runs r WHERE r.tenant_id = i.tenant_id AND r.run_id = i.run_id)
            AND NOT EXISTS (
                SELECT FROM runs r
                WHERE r.tenant_id = i.tenant_id AND r.component_id = i.agent_id AND (r.user_id IS NULL) = (i.user_id IS NULL)
                AND coalesce(r.user_id, '') = coalesce(i.user_id, '') AND r.idempotency_key = i.idempotency_key)
        ORDER BY i.ordinal
        ON CONFLICT (tenant_id, session_id) DO UPDATE SET
            component_id = excluded.component_id,
            user_id = coalesce(s.user_id, excluded.user_id),
            first_input = coalesce(s.first_input, excluded.first_input),
            component_data = excluded.component_data,
            updated_at = excluded.updated_at
        WHERE (s.user_id IS NULL OR s.user_id = excluded.user_id)
            AND s.session_type = excluded.session_type
            AND (s.component_id IS NULL OR s.component_id = excluded.component_id)
        -- A row that was there had to be locked, and an unlocked one is new.
        RETURNING s.session_id, s.xmax = 0 AS is_new)
    SELECT array_agg(session_id), array_agg(is_new) INTO admitted, opened FROM session;

    WITH run AS (
        INSERT INTO runs (
            tenant_id, run_id, session_id, component_id, user_id, parent_run_id, status, streamed, idempotency_key, last_write, output, created_at)
        SELECT
            i.tenant_id, i.run_id, i.session_id, i.agent_id, i.user_id, i.parent_run_id, i.status, i.streamed, i.idempotency_key, i.write, i.output, i.created_at
        FROM unnest(
            in_tenant_id, in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_parent_run_id, in_idempotency_key, in_streamed, in_status,
            in_output, in_created_at) WITH ORDINALITY
        AS i (tenant_id, write, run_id, session_id, agent_id, user_id, parent_run_id, idempotency_key, streamed, status, output, created_at, ordinal)
        WHERE i.session_id = ANY (admitted)
        ORDER BY i.ordinal
        RETURNING last_write, sequence)
    SELECT array_agg(last_write), array_agg(sequence) INTO new_writes, new_sequences FROM run;

    INSERT INTO run_events (tenant_id, run_id, position, events)
        SELECT i.tenant_id, i.run_id, 0, i.events FROM unnest(in_tenant_id, in_write, in_run_id, in_events) AS i (tenant_id, write, run_id, events) WHERE i.write = ANY (new_writes);

    IF cardinality(new_writes) = cardinality(in_write) THEN
        RETURN QUERY
            SELECT
                'accepted', i.run_id, new_sequences[array_position(new_writes, i.write)], NULL::text, NULL::text, NULL::text,
                opened[array_position(admitted, i.session_id)]
            FROM unnest(in_write, in_run_id, in_session_id) AS i (write, run_id, session_id);
        RETURN;
    END IF;

    RETURN QUERY
        SELECT
            CASE
                WHEN i.write = ANY (new_writes) OR known.last_write = i.write OR taken.last_write = i.write THEN 'accepted'
                WHEN known.run_id IS NOT NULL THEN 'known'
                WHEN taken.run_id IS NOT NULL THEN 'taken'
                ELSE 'refused'
            END,
            coalesce(known.run_id, i.run_id), coalesce(new_sequences[array_position(new_writes, i.write)], known.sequence, taken.sequence),
            s.session_type, s.component_id, s.user_id,
            coalesce(i.write = ANY (new_writes) AND opened[array_position(admitted, i.session_id)], false)
        FROM unnest(in_tenant_id, in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_idempotency_key) WITH ORDINALITY
            AS i (tenant_id, write, run_id, session_id, agent_id, user_id, idempotency_key, ordinal)
        LEFT JOIN LATERAL (
            SELECT r.run_id, r.sequence, r.last_write FROM runs r
            WHERE r.tenant_id = i.tenant_id AND r.component_id = i.agent_id AND (r.user_id IS NULL) = (i.user_id IS NULL)
            AND coalesce(r.user_id, '') = coalesce(i.user_id, '') AND r.idempotency_key = i.idempotency_key) AS known ON true
        LEFT JOIN LATERAL (SELECT r.run_id, r.sequence, r.last_write FROM runs r WHERE r.tenant_id = i.tenant_id AND r.run_id = i.run_id) AS taken ON true
        LEFT JOIN sessions s ON s.tenant_id = i.tenant_id AND s.session_id = i.session_id
        ORDER BY i.ordinal;
END
$$;

-- Appends to runs, each of which is named once, and no two of which have the same id. Only refused items are returned: with the log's generation and length, or nulls when there is no such run.
-- The items' numbers count from 1, and they come ordered by run. A session patch leaves what it has no value for, and adds costs to those that the session has:
-- the row is locked, so no run's costs are lost to another's.
CREATE OR REPLACE FUNCTION extend_runs(
    in_tenant_id text[], in_write uuid[], in_run_id text[], in_generation bigint[], in_position integer[], in_count integer[], in_status text[], in_output json[],
    in_events json[],
    in_patch_item integer[], in_session_name json[], in_session_name_folded bytea[], in_session_state json[], in_metadata json[],
    in_metrics json[], in_costs json[], in_updated_at bigint[])
RETURNS TABLE (refused_item integer, log_generation bigint, log_length integer)
LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    patched text[];
    extended integer[];
    item record;
BEGIN
    -- Sessions before runs, and in order: whoever deletes a session or accepts a run into it does the same.
    IF cardinality(in_patch_item) > 0 THEN
        SELECT array_agg(r.session_id ORDER BY p.place) INTO patched
            FROM unnest(in_patch_item) WITH ORDINALITY AS p (item, place) LEFT JOIN runs r ON r.tenant_id = in_tenant_id[p.item] AND r.run_id = in_run_id[p.item];
        PERFORM 1 FROM unnest(patched, in_patch_item) AS p (session_id, item)
            JOIN sessions s ON s.tenant_id = in_tenant_id[p.item] AND s.session_id = p.session_id
            ORDER BY s.tenant_id, s.session_id FOR NO KEY UPDATE OF s;
    END IF;

    WITH run AS (
        UPDATE runs r SET
            generation = i.generation,
            position = r.position + i.count,
            status = coalesce(i.status, r.status),
            output = coalesce(i.output, r.output),
            last_write = i.write
        FROM unnest(in_tenant_id, in_write, in_run_id, in_generation, in_position, in_count, in_status, in_output)
            WITH ORDINALITY AS i (tenant_id, write, run_id, generation, position, count, status, output, ordinal)
        WHERE r.tenant_id = i.tenant_id AND r.run_id = i.run_id AND r.generation <= i.generation AND r.position = i.position
        RETURNING i.ordinal::integer)
    SELECT coalesce(array_agg(ordinal), '{}') INTO extended FROM run;

    -- A write that had arrived before is not made again, and not refused.
    IF cardinality(extended) < cardinality(in_run_id) THEN
        RETURN QUERY
            SELECT i.ordinal::integer, r.generation, r.position
            FROM unnest(in_tenant_id, in_write, in_run_id) WITH ORDINALITY AS i (tenant_id, write, run_id, ordinal)
            LEFT JOIN runs r ON r.tenant_id = i.tenant_id AND r.run_id = i.run_id
            WHERE i.ordinal <> ALL (extended) AND r.last_write IS DISTINCT FROM i.write;
    END IF;

    INSERT INTO run_events (tenant_id, run_id, position, events)
        SELECT i.tenant_id, i.run_id, i.position, i.events
        FROM unnest(in_tenant_id, in_run_id, in_position, in_count, in_events) WITH ORDINALITY AS i (tenant_id, run_id, position, count, events, ordinal)
        WHERE i.count > 0 AND i.ordinal = ANY (extended);

    IF cardinality(in_patch_item) IS NULL OR cardinality(in_patch_item) = 0 THEN
        RETURN;
    END IF;

    IF (SELECT count(DISTINCT session_id) FROM unnest(patched) AS each (session_id)) = cardinality(patched) THEN
        UPDATE sessions s SET
            session_name = coalesce(p.session_name, s.session_name),
            session_name_folded = coalesce(p.session_name_folded, s.session_name_folded),
            session_state = coalesce(p.session_state, s.session_state),
            metadata = coalesce(p.metadata, s.metadata),
            metrics = add_costs(coalesce(p.metrics, s.metrics), p.costs),
            updated_at = p.updated_at
        FROM unnest(
            patched, in_patch_item, in_session_name, in_session_name_folded, in_session_state, in_metadata, in_metrics, in_costs, in_updated_at)
            AS p (session_id, item, session_name, session_name_folded, session_state, metadata, metrics, costs, updated_at)
        WHERE s.tenant_id = in_tenant_id[p.item] AND s.session_id = p.session_id AND p.item = ANY (extended);
        RETURN;
    END IF;

    -- Several runs change one session, each after the other.
    FOR item IN
        SELECT * FROM unnest(
            patched, in_patch_item, in_session_name, in_session_name_folded, in_session_state, in_metadata, in_metrics, in_costs, in_updated_at)
            AS p (session_id, item, session_name, session_name_folded, session_state, metadata, metrics, costs, updated_at)
        WHERE p.item = ANY (extended)
    LOOP
        UPDATE sessions s SET
            session_name = coalesce(item.session_name, s.session_name),
            session_name_folded = coalesce(item.session_name_folded, s.session_name_folded),
            session_state = coalesce(item.session_state, s.session_state),
            metadata = coalesce(item.metadata, s.metadata),
            metrics = add_costs(coalesce(item.metrics, s.metrics), item.costs),
            updated_at = item.updated_at
        WHERE s.tenant_id = in_tenant_id[item.item] AND s.session_id = item.session_id;
    END LOOP;
END
$$;

-- Records runs that other runs started: members of a team, many at a time. They leave their session as it is: the lock lets all of them in, and runs that end
-- as well, and only keeps the session from being deleted. What a statement found to be there may have come after it began: the last one looks again.
CREATE OR REPLACE FUNCTION accept_members(
    in_tenant_id text[], in_write uuid[], in_run_id text[], in_session_id text[], in_agent_id text[], in_user_id text[], in_parent_run_id text[],
    in_idempotency_key text[], in_streamed boolean[], in_status text[], in_output json[], in_events json[], in_created_at bigint[])
RETURNS TABLE (outcome text, known_run_id text, known_sequence bigint, stored_type text, stored_component_id text, stored_user_id text,
    opens_session boolean)
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    new_writes uuid[];
    new_sequences bigint[];
BEGIN
    PERFORM 1 FROM (SELECT DISTINCT tenant_id, session_id FROM unnest(in_tenant_id, in_session_id) AS i (tenant_id, session_id)) AS i
        JOIN sessions s ON s.tenant_id = i.tenant_id AND s.session_id = i.session_id
        ORDER BY s.tenant_id, s.session_id FOR KEY SHARE OF s;

    WITH item AS (
        SELECT * FROM unnest(
            in_tenant_id, in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_parent_run_id, in_idempotency_key, in_streamed, in_status,
            in_output, in_events, in_created_at) WITH ORDINALITY
        AS i (
            tenant_id, write, run_id, session_id, agent_id, user_id, parent_run_id, idempotency_key, streamed, status,
            output, events, created_at, ordinal)),
    accepted AS (
        INSERT INTO runs (
            tenant_id, run_id, session_id, component_id, user_id, parent_run_id, status, streamed, idempotency_key, last_write, output, created_at)
        SELECT
            i.tenant_id, i.run_id, i.session_id, i.agent_id, i.user_id, i.parent_run_id, i.status, i.streamed, i.idempotency_key, i.write, i.output, i.created_at
        FROM item i WHERE EXISTS (SELECT FROM sessions s WHERE s.tenant_id = i.tenant_id AND s.session_id = i.session_id)
        ORDER BY i.ordinal
        ON CONFLICT DO NOTHING
        RETURNING last_write, sequence),
    begun AS (
        INSERT INTO run_events (tenant_id, run_id, position, events)
        SELECT i.tenant_id, i.run_id, 0, i.events FROM item i JOIN accepted a ON a.last_write = i.write)
    SELECT array_agg(a.last_write), array_agg(a.sequence) INTO new_writes, new_sequences FROM accepted a;

    RETURN QUERY
        SELECT
            CASE
                WHEN new.write IS NOT NULL OR known.last_write = i.write OR taken.last_write = i.write THEN 'accepted'
                WHEN known.run_id IS NOT NULL THEN 'known'
                WHEN taken.run_id IS NOT NULL THEN 'taken'
                ELSE 'refused'
            END,
            coalesce(known.run_id, i.run_id), coalesce(new.sequence, known.sequence, taken.sequence),
            s.session_type, s.component_id, s.user_id, false
        FROM unnest(in_tenant_id, in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_idempotency_key) WITH ORDINALITY
            AS i (tenant_id, write, run_id, session_id, agent_id, user_id, idempotency_key, ordinal)
        LEFT JOIN unnest(new_writes, new_sequences) AS new (write, sequence) ON new.write = i.write
        LEFT JOIN LATERAL (
            SELECT r.run_id, r.sequence, r.last_write FROM runs r
            WHERE new.write IS NULL AND r.tenant_id = i.tenant_id AND r.component_id = i.agent_id AND (r.user_id IS NULL) = (i.user_id IS NULL)
            AND coalesce(r.user_id, '') = coalesce(i.user_id, '') AND r.idempotency_key = i.idempotency_key) AS known ON true
        LEFT JOIN LATERAL (
            SELECT r.run_id, r.sequence, r.last_write FROM runs r WHERE new.write IS NULL AND r.tenant_id = i.tenant_id AND r.run_id = i.run_id) AS taken ON true
        LEFT JOIN sessions s ON new.write IS NULL AND s.tenant_id = i.tenant_id AND s.session_id = i.session_id
        ORDER BY i.ordinal;
END
$$;

-- Deletes sessions of a tenant with their runs, of one user when one is given. A statement at a time: each sees what the one before had to wait for.
CREATE OR REPLACE FUNCTION delete_sessions(in_tenant_id text, in_session_ids text[], in_user_id text) RETURNS void
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    gone_sessions text[];
    gone_runs text[];
BEGIN
    SELECT array_agg(locked.session_id) INTO gone_sessions FROM (
        SELECT s.session_id FROM sessions s
        WHERE s.tenant_id = in_tenant_id AND s.session_id = ANY (in_session_ids) AND (in_user_id IS NULL OR s.user_id = in_user_id)
        ORDER BY s.session_id FOR UPDATE) AS locked;
    WITH gone AS (DELETE FROM runs WHERE tenant_id = in_tenant_id AND session_id = ANY (gone_sessions) RETURNING run_id)
        SELECT array_agg(run_id) INTO gone_runs FROM gone;
    DELETE FROM run_events WHERE tenant_id = in_tenant_id AND run_id = ANY (gone_runs);
    DELETE FROM sessions WHERE tenant_id = in_tenant_id AND session_id = ANY (gone_sessions);
END
$$;

-- Reads sessions.
CREATE OR REPLACE FUNCTION read_sessions(in_tenant_id text[], in_session_id text[]) RETURNS SETOF sessions
LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY SELECT s.* FROM unnest(in_tenant_id, in_session_id) AS i (tenant_id, session_id)
        JOIN sessions s ON s.tenant_id = i.tenant_id AND s.session_id = i.session_id;
END
$$;

-- Reads the last runs of each of several sessions that were started from outside and completed before others, newest first.
CREATE OR REPLACE FUNCTION read_history(in_tenant_id text[], in_session_id text[], in_before bigint[], in_last integer[])
RETURNS TABLE (item integer, sequence bigint, streamed boolean, output json)
LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
    RETURN QUERY
        SELECT i.ordinal::integer, last.sequence, last.streamed, last.output
        FROM unnest(in_tenant_id, in_session_id, in_before, in_last) WITH ORDINALITY AS i (tenant_id, session_id, before, last, ordinal)
        CROSS JOIN LATERAL (
            SELECT r.sequence, r.streamed, r.output FROM runs r
            WHERE r.tenant_id = i.tenant_id AND r.session_id = i.session_id AND r.status = 'COMPLETED' AND r.parent_run_id IS NULL AND r.sequence < i.before
            ORDER BY r.sequence DESC LIMIT i.last) AS last;
END
$$;

-- Reads the logs of a tenant's runs, each from its beginning.
CREATE OR REPLACE FUNCTION read_logs(in_tenant_id text, in_run_id text[]) RETURNS TABLE (run_id text, generation bigint, sequence bigint, events json)
LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
        SELECT r.run_id, r.generation, r.sequence, e.events
        FROM runs r CROSS JOIN LATERAL (SELECT n.events FROM run_events n WHERE n.tenant_id = r.tenant_id AND n.run_id = r.run_id ORDER BY n.position) AS e
        WHERE r.tenant_id = in_tenant_id AND r.run_id = ANY (in_run_id);
END
$$;
