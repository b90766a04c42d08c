-- What runs ask of the database all the time has plans that do not depend on what the server believes of its tables: every row is found through an index, whether
-- the tables are empty, large, or have grown since somebody looked; nothing is compiled, and nothing is planned anew for a batch of another size. Hence the settings
-- of the functions. What stands for the silos of the version before, accept_runs and append_runs, works on until they are replaced.

-- Sums what two sets of tokens come to, as the engine does it: a count is never negative, and one that is too large stays the largest.
CREATE FUNCTION sum_tokens(in_sum jsonb, in_costs jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    most_tokens CONSTANT numeric := 9223372036854775807;
    most_cost CONSTANT numeric := 79228162514264337593543950335;
BEGIN
    -- One expression: each would cost about as much as what it computes. What is not a number counts nothing.
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'input_tokens', nullif(least(greatest((in_sum ->> 'input_tokens')::numeric, 0) + greatest((in_costs ->> 'input_tokens')::numeric, 0), most_tokens), 0),
        'output_tokens', nullif(least(greatest((in_sum ->> 'output_tokens')::numeric, 0) + greatest((in_costs ->> 'output_tokens')::numeric, 0), most_tokens), 0),
        'total_tokens', nullif(least(greatest((in_sum ->> 'total_tokens')::numeric, 0) + greatest((in_costs ->> 'total_tokens')::numeric, 0), most_tokens), 0),
        'cache_read_tokens', nullif(least(greatest((in_sum ->> 'cache_read_tokens')::numeric, 0) + greatest((in_costs ->> 'cache_read_tokens')::numeric, 0), most_tokens), 0),
        'cache_write_tokens', nullif(least(greatest((in_sum ->> 'cache_write_tokens')::numeric, 0) + greatest((in_costs ->> 'cache_write_tokens')::numeric, 0), most_tokens), 0),
        'reasoning_tokens', nullif(least(greatest((in_sum ->> 'reasoning_tokens')::numeric, 0) + greatest((in_costs ->> 'reasoning_tokens')::numeric, 0), most_tokens), 0),
        'cost', CASE WHEN (in_sum ->> 'cost') IS NOT NULL OR (in_costs ->> 'cost') IS NOT NULL THEN
            least(greatest(coalesce((in_sum ->> 'cost')::numeric, 0) + coalesce((in_costs ->> 'cost')::numeric, 0), -most_cost), most_cost) END,
        'id', in_costs -> 'id',
        'provider', in_costs -> 'provider'));
END
$$;

-- Adds the tokens of a model to those of several.
CREATE FUNCTION add_model(in_models jsonb, in_model jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    known jsonb;
BEGIN
    FOR place IN 0 .. jsonb_array_length(in_models) - 1 LOOP
        known := in_models -> place;
        IF known -> 'id' = in_model -> 'id' AND known -> 'provider' = in_model -> 'provider' THEN
            RETURN jsonb_set(in_models, ARRAY[place::text], sum_tokens(known, in_model));
        END IF;
    END LOOP;

    RETURN in_models || in_model;
END
$$;

-- Adds what a run cost to the sum of a session, as the engine does it: counts add up, by use and model as well.
-- A sum that cannot be read must not keep runs from ending: it begins anew.
CREATE OR REPLACE FUNCTION add_costs(in_sum json, in_costs json) RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    summed jsonb;
    costs jsonb;
    details jsonb;
    use text;
    models jsonb;
    model jsonb;
BEGIN
    IF in_sum IS NULL OR in_costs IS NULL THEN
        RETURN coalesce(in_costs, in_sum);
    END IF;

    summed := in_sum;
    costs := in_costs;
    details := CASE WHEN jsonb_typeof(summed -> 'details') = 'object' THEN summed -> 'details' ELSE '{}' END;
    IF costs #> '{details,model}' IS NOT NULL AND (costs -> 'details') - 'model' = '{}' THEN
        -- Nearly all runs use one model for one thing, and a query would cost more than the sum.
        models := coalesce(details -> 'model', '[]');
        FOR place IN 0 .. jsonb_array_length(costs #> '{details,model}') - 1 LOOP
            models := add_model(models, costs #> ARRAY['details', 'model', place::text]);
        END LOOP;

        details := details || jsonb_build_object('model', models);
    ELSIF costs ? 'details' THEN
        FOR use, model IN SELECT uses.key, each.value FROM jsonb_each(costs -> 'details') AS uses, jsonb_array_elements(uses.value) AS each LOOP
            details := details || jsonb_build_object(use, add_model(coalesce(details -> use, '[]'), model));
        END LOOP;
    END IF;

    RETURN (sum_tokens(summed, costs) - 'id' - 'provider') || CASE WHEN details = '{}' THEN '{}' ELSE jsonb_build_object('details', details) END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN in_costs;
END
$$;

-- Records runs. The condition of the upsert is the engine's rule of admission; for a refused run the session is returned, so that the engine says why. Items come
-- ordered by session: all who lock sessions do it in this order. No two of them have the same session, run id or idempotency key.
-- A run that another transaction records meanwhile breaks this one off, and the next try finds it.
CREATE FUNCTION record_runs(
    in_write uuid[], in_run_id text[], in_session_id text[], in_agent_id text[], in_user_id text[], in_parent_run_id text[],
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
            session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata,
            metrics, component_data, created_at, updated_at)
        SELECT
            i.session_id, i.session_type, i.component_id, i.session_user_id, i.session_name, i.session_name_folded, i.first_input, i.session_state, i.metadata,
            i.metrics, i.component_data, i.session_created_at, i.session_updated_at
        FROM unnest(
            in_run_id, in_agent_id, in_user_id, in_idempotency_key,
            in_session_id, in_session_type, in_component_id, in_session_user_id, in_session_name, in_session_name_folded,
            in_first_input, in_session_state, in_metadata, in_metrics, in_component_data, in_session_created_at, in_session_updated_at) WITH ORDINALITY
        AS i (
            run_id, agent_id, user_id, idempotency_key,
            session_id, session_type, component_id, session_user_id, session_name, session_name_folded,
            first_input, session_state, metadata, metrics, component_data, session_created_at, session_updated_at, ordinal)
        WHERE NOT EXISTS (SELECT FROM runs r WHERE r.run_id = i.run_id)
            AND NOT EXISTS (
                SELECT FROM runs r
                WHERE r.component_id = i.agent_id AND (r.user_id IS NULL) = (i.user_id IS NULL)
                AND coalesce(r.user_id, '') = coalesce(i.user_id, '') AND r.idempotency_key = i.idempotency_key)
        ORDER BY i.ordinal
        ON CONFLICT (session_id) DO UPDATE SET
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
            run_id, session_id, component_id, user_id, parent_run_id, status, streamed, idempotency_key, last_write, output, created_at)
        SELECT
            i.run_id, i.session_id, i.agent_id, i.user_id, i.parent_run_id, i.status, i.streamed, i.idempotency_key, i.write, i.output, i.created_at
        FROM unnest(
            in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_parent_run_id, in_idempotency_key, in_streamed, in_status,
            in_output, in_created_at) WITH ORDINALITY
        AS i (write, run_id, session_id, agent_id, user_id, parent_run_id, idempotency_key, streamed, status, output, created_at, ordinal)
        WHERE i.session_id = ANY (admitted)
        ORDER BY i.ordinal
        RETURNING last_write, sequence)
    SELECT array_agg(last_write), array_agg(sequence) INTO new_writes, new_sequences FROM run;

    INSERT INTO run_events (run_id, position, events)
        SELECT i.run_id, 0, i.events FROM unnest(in_write, in_run_id, in_events) AS i (write, run_id, events) WHERE i.write = ANY (new_writes);

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
        FROM unnest(in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_idempotency_key) WITH ORDINALITY
            AS i (write, run_id, session_id, agent_id, user_id, idempotency_key, ordinal)
        LEFT JOIN LATERAL (
            SELECT r.run_id, r.sequence, r.last_write FROM runs r
            WHERE r.component_id = i.agent_id AND (r.user_id IS NULL) = (i.user_id IS NULL)
            AND coalesce(r.user_id, '') = coalesce(i.user_id, '') AND r.idempotency_key = i.idempotency_key) AS known ON true
        LEFT JOIN LATERAL (SELECT r.run_id, r.sequence, r.last_write FROM runs r WHERE r.run_id = i.run_id) AS taken ON true
        LEFT JOIN sessions s ON s.session_id = i.session_id
        ORDER BY i.ordinal;
END
$$;

-- Appends to runs, each of which is named once. Only refused items are returned: with the log's generation and length, or nulls when there is no such run.
-- The items' numbers count from 1, and they come ordered by run. A session patch leaves what it has no value for, and adds costs to those that the session has:
-- the row is locked, so no run's costs are lost to another's.
CREATE FUNCTION extend_runs(
    in_write uuid[], in_run_id text[], in_generation bigint[], in_position integer[], in_count integer[], in_status text[], in_output json[],
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
            FROM unnest(in_patch_item) WITH ORDINALITY AS p (item, place) LEFT JOIN runs r ON r.run_id = in_run_id[p.item];
        PERFORM 1 FROM sessions s WHERE s.session_id = ANY (patched) ORDER BY s.session_id FOR NO KEY UPDATE;
    END IF;

    WITH run AS (
        UPDATE runs r SET
            generation = i.generation,
            position = r.position + i.count,
            status = coalesce(i.status, r.status),
            output = coalesce(i.output, r.output),
            last_write = i.write
        FROM unnest(in_write, in_run_id, in_generation, in_position, in_count, in_status, in_output)
            WITH ORDINALITY AS i (write, run_id, generation, position, count, status, output, ordinal)
        WHERE r.run_id = i.run_id AND r.generation <= i.generation AND r.position = i.position
        RETURNING i.ordinal::integer)
    SELECT coalesce(array_agg(ordinal), '{}') INTO extended FROM run;

    -- A write that had arrived before is not made again, and not refused.
    IF cardinality(extended) < cardinality(in_run_id) THEN
        RETURN QUERY
            SELECT i.ordinal::integer, r.generation, r.position
            FROM unnest(in_write, in_run_id) WITH ORDINALITY AS i (write, run_id, ordinal) LEFT JOIN runs r ON r.run_id = i.run_id
            WHERE i.ordinal <> ALL (extended) AND r.last_write IS DISTINCT FROM i.write;
    END IF;

    INSERT INTO run_events (run_id, position, events)
        SELECT i.run_id, i.position, i.events
        FROM unnest(in_run_id, in_position, in_count, in_events) WITH ORDINALITY AS i (run_id, position, count, events, ordinal)
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
        WHERE s.session_id = p.session_id AND p.item = ANY (extended);
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
        WHERE s.session_id = item.session_id;
    END LOOP;
END
$$;

-- Reads sessions.
CREATE FUNCTION read_sessions(in_session_id text[]) RETURNS SETOF sessions
LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
BEGIN
    RETURN QUERY SELECT s.* FROM sessions s WHERE s.session_id = ANY (in_session_id);
END
$$;

-- Reads the last runs of each of several sessions that were started from outside and completed before others, newest first.
CREATE FUNCTION read_history(in_session_id text[], in_before bigint[], in_last integer[])
RETURNS TABLE (item integer, sequence bigint, streamed boolean, output json)
LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$
BEGIN
    RETURN QUERY
        SELECT i.ordinal::integer, last.sequence, last.streamed, last.output
        FROM unnest(in_session_id, in_before, in_last) WITH ORDINALITY AS i (session_id, before, last, ordinal)
        CROSS JOIN LATERAL (
            SELECT r.sequence, r.streamed, r.output FROM runs r
            WHERE r.session_id = i.session_id AND r.status = 'COMPLETED' AND r.parent_run_id IS NULL AND r.sequence < i.before
            ORDER BY r.sequence DESC LIMIT i.last) AS last;
END
$$;

-- Reads the logs of runs, each from its beginning.
CREATE FUNCTION read_logs(in_run_id text[]) RETURNS TABLE (run_id text, generation bigint, sequence bigint, events json)
LANGUAGE plpgsql STABLE
SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
        SELECT r.run_id, r.generation, r.sequence, e.events
        FROM runs r CROSS JOIN LATERAL (SELECT n.events FROM run_events n WHERE n.run_id = r.run_id ORDER BY n.position) AS e
        WHERE r.run_id = ANY (in_run_id);
END
$$;

-- What the version before sends keeps its form and gets the same plans.
ALTER FUNCTION accept_members SET jit = off;
ALTER FUNCTION accept_members SET enable_seqscan = off;
ALTER FUNCTION delete_sessions SET jit = off;
ALTER FUNCTION delete_sessions SET enable_seqscan = off;
ALTER FUNCTION delete_sessions SET plan_cache_mode = force_generic_plan;

-- The history of a session is found in it alone, however many members of teams have run there meanwhile, and what a member remembers among members.
CREATE INDEX runs_for_history ON runs (session_id, sequence) WHERE status = 'COMPLETED' AND parent_run_id IS NULL;
CREATE INDEX runs_of_members ON runs (component_id, hashtextextended(session_id, 0), sequence) WHERE status = 'COMPLETED' AND parent_run_id IS NOT NULL;
DROP INDEX runs_completed;

-- A session's unfinished runs are found without looking at those of all others.
CREATE INDEX runs_unfinished_of_session ON runs (session_id, sequence) WHERE status IN ('PENDING', 'RUNNING');
DROP INDEX runs_unfinished;

-- Sessions of nobody need not be found by their user.
CREATE INDEX sessions_of_user ON sessions (user_id, created_at, creation) WHERE user_id IS NOT NULL;
DROP INDEX sessions_by_user;

-- Whoever records a run holds the lock of its session's row, and whoever deletes a session its lock and all its runs: a key would check every row once more.
ALTER TABLE runs DROP CONSTRAINT runs_session_id_fkey;

-- Compressing events took as long as writing them. Servers that were built without lz4 go on as before.
DO $$
BEGIN
    ALTER TABLE run_events ALTER COLUMN events SET COMPRESSION lz4;
    ALTER TABLE runs ALTER COLUMN output SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
