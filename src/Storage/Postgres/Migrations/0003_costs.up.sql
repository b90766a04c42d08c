-- What runs cost is added up where the sum is kept, so that a run's end need not read its session first.

-- Adds up the counts of several objects of tokens, and their price. What is left out is zero.
CREATE FUNCTION sum_tokens(in_parts json[]) RETURNS TABLE (key text, value json)
LANGUAGE sql IMMUTABLE AS $$
    SELECT counts.key, to_json(sum(counts.value::numeric))
    FROM unnest(in_parts) AS parts (part), json_each_text(part) AS counts
    WHERE counts.key LIKE '%\_tokens' OR counts.key = 'cost'
    GROUP BY counts.key
$$;

-- Adds what a run cost to the sum of a session, as the engine does it: counts add up, by use and model as well.
CREATE FUNCTION add_costs(in_sum json, in_costs json) RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    details json;
BEGIN
    IF in_sum IS NULL OR in_costs IS NULL THEN
        RETURN coalesce(in_costs, in_sum);
    END IF;

    SELECT json_object_agg(use, models) INTO details FROM (
        SELECT use, json_agg(model ORDER BY place) AS models FROM (
            SELECT use, min(place) AS place, (
                SELECT json_object_agg(member.key, member.value) FROM (
                    SELECT counts.key, counts.value FROM sum_tokens(array_agg(each.model)) AS counts
                    UNION ALL SELECT 'id', to_json(each.id)
                    UNION ALL SELECT 'provider', to_json(each.provider)) AS member) AS model
            FROM (
                SELECT ARRAY[parts.part, models.place] AS place, uses.key AS use, models.model,
                    models.model ->> 'id' AS id, models.model ->> 'provider' AS provider
                FROM (VALUES (0, in_sum), (1, in_costs)) AS parts (part, metrics),
                    json_each(parts.metrics -> 'details') AS uses,
                    json_array_elements(uses.value) WITH ORDINALITY AS models (model, place)) AS each
            GROUP BY use, id, provider) AS summed
        GROUP BY use) AS by_use;

    RETURN coalesce((
        SELECT json_object_agg(member.key, member.value) FROM (
            SELECT counts.key, counts.value FROM sum_tokens(ARRAY[in_sum, in_costs]) AS counts
            UNION ALL SELECT 'details', details WHERE details IS NOT NULL) AS member), '{}');
END
$$;

-- Returns one more column than before.
DROP FUNCTION accept_runs;

-- Records runs. The condition of the upsert is the engine's rule of admission; for a refused run the session is returned, so that
-- the engine says why. Items come ordered by session: all who lock sessions do it in this order.
CREATE FUNCTION accept_runs(
    in_write uuid[], in_run_id text[], in_session_id text[], in_agent_id text[], in_user_id text[], in_parent_run_id text[],
    in_idempotency_key text[], in_streamed boolean[], in_status text[], in_output json[], in_events json[], in_created_at bigint[],
    in_session_type text[], in_component_id text[], in_session_user_id text[], in_session_name json[], in_session_name_folded bytea[],
    in_first_input json[], in_session_state json[], in_metadata json[], in_metrics json[], in_component_data json[],
    in_session_created_at bigint[], in_session_updated_at bigint[])
RETURNS TABLE (outcome text, known_run_id text, known_sequence bigint, stored_type text, stored_component_id text, stored_user_id text,
    opens_session boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    item record;
    known record;
BEGIN
    FOR item IN
        SELECT * FROM unnest(
            in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_parent_run_id, in_idempotency_key, in_streamed, in_status,
            in_output, in_events, in_created_at, in_session_type, in_component_id, in_session_user_id, in_session_name,
            in_session_name_folded, in_first_input, in_session_state, in_metadata, in_metrics, in_component_data,
            in_session_created_at, in_session_updated_at)
        AS i (
            write, run_id, session_id, agent_id, user_id, parent_run_id, idempotency_key, streamed, status,
            output, events, created_at, session_type, component_id, session_user_id, session_name,
            session_name_folded, first_input, session_state, metadata, metrics, component_data,
            session_created_at, session_updated_at)
    LOOP
        known_run_id := item.run_id;
        known_sequence := NULL;
        stored_type := NULL;
        stored_component_id := NULL;
        stored_user_id := NULL;
        opens_session := false;

        IF item.idempotency_key IS NOT NULL THEN
            SELECT r.run_id, r.sequence, r.last_write INTO known FROM runs r
                WHERE r.component_id = item.agent_id AND (r.user_id IS NULL) = (item.user_id IS NULL)
                AND coalesce(r.user_id, '') = coalesce(item.user_id, '') AND r.idempotency_key = item.idempotency_key;
            IF FOUND THEN
                outcome := CASE WHEN known.last_write = item.write THEN 'accepted' ELSE 'known' END;
                known_run_id := known.run_id;
                known_sequence := known.sequence;
                RETURN NEXT;
                CONTINUE;
            END IF;
        END IF;

        SELECT r.run_id, r.sequence, r.last_write INTO known FROM runs r WHERE r.run_id = item.run_id;
        IF FOUND THEN
            outcome := CASE WHEN known.last_write = item.write THEN 'accepted' ELSE 'taken' END;
            known_sequence := known.sequence;
            SELECT s.session_type, s.component_id, s.user_id INTO stored_type, stored_component_id, stored_user_id
                FROM sessions s WHERE s.session_id = item.session_id;
            RETURN NEXT;
            CONTINUE;
        END IF;

        INSERT INTO sessions AS s (
            session_id, session_type, component_id, user_id, session_name, session_name_folded, first_input, session_state, metadata,
            metrics, component_data, created_at, updated_at)
        VALUES (
            item.session_id, item.session_type, item.component_id, item.session_user_id, item.session_name, item.session_name_folded,
            item.first_input, item.session_state, item.metadata, item.metrics, item.component_data, item.session_created_at,
            item.session_updated_at)
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
        RETURNING s.xmax = 0 INTO opens_session;

        IF opens_session IS NULL THEN
            outcome := 'refused';
            SELECT s.session_type, s.component_id, s.user_id INTO stored_type, stored_component_id, stored_user_id
                FROM sessions s WHERE s.session_id = item.session_id;
            RETURN NEXT;
            CONTINUE;
        END IF;

        INSERT INTO runs (
            run_id, session_id, component_id, user_id, parent_run_id, status, streamed, idempotency_key, last_write, output, created_at)
        VALUES (
            item.run_id, item.session_id, item.agent_id, item.user_id, item.parent_run_id, item.status, item.streamed,
            item.idempotency_key, item.write, item.output, item.created_at)
        RETURNING sequence INTO known_sequence;
        INSERT INTO run_events (run_id, position, events) VALUES (item.run_id, 0, item.events);
        outcome := 'accepted';
        RETURN NEXT;
    END LOOP;
END
$$;

-- Takes one parameter more. The one that takes no costs stays for silos of the version before: they work until they are replaced.
-- Appends to runs. Only refused items are returned: with the log's generation and length, or nulls when there is no such run.
-- The items' numbers count from 1. A session patch leaves what it has no value for,
-- and adds costs to those that the session has: the row is locked, so no run's costs are lost to another's.
CREATE FUNCTION append_runs(
    in_write uuid[], in_run_id text[], in_generation bigint[], in_position integer[], in_count integer[], in_status text[], in_output json[],
    in_events json[],
    in_patch_item integer[], in_session_name json[], in_session_name_folded bytea[], in_session_state json[], in_metadata json[],
    in_metrics json[], in_costs json[], in_updated_at bigint[])
RETURNS TABLE (refused_item integer, log_generation bigint, log_length integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    item record;
    refused integer[] := '{}';
BEGIN
    -- Sessions before runs, and in order: whoever deletes a session or accepts a run into it does the same.
    IF cardinality(in_patch_item) > 0 THEN
        PERFORM 1 FROM sessions s
            WHERE s.session_id = ANY (ARRAY(
                SELECT r.session_id FROM runs r WHERE r.run_id = ANY (ARRAY(SELECT in_run_id[i] FROM unnest(in_patch_item) AS p (i)))))
            ORDER BY s.session_id FOR NO KEY UPDATE;
    END IF;

    FOR item IN
        SELECT * FROM unnest(in_write, in_run_id, in_generation, in_position, in_count, in_status, in_output)
        WITH ORDINALITY AS i (write, run_id, generation, position, count, status, output, ordinal)
    LOOP
        UPDATE runs r SET
            generation = item.generation,
            position = r.position + item.count,
            status = coalesce(item.status, r.status),
            output = coalesce(item.output, r.output),
            last_write = item.write
        WHERE r.run_id = item.run_id AND r.generation <= item.generation AND r.position = item.position;
        CONTINUE WHEN FOUND;

        refused := refused || item.ordinal::integer;
        SELECT r.generation, r.position INTO log_generation, log_length FROM runs r WHERE r.run_id = item.run_id;
        CONTINUE WHEN FOUND AND EXISTS (SELECT FROM runs r WHERE r.run_id = item.run_id AND r.last_write = item.write);
        refused_item := item.ordinal;
        RETURN NEXT;
    END LOOP;

    INSERT INTO run_events (run_id, position, events)
        SELECT i.run_id, i.position, i.events
        FROM unnest(in_run_id, in_position, in_count, in_events) WITH ORDINALITY AS i (run_id, position, count, events, ordinal)
        WHERE i.count > 0 AND i.ordinal <> ALL (refused);

    FOR item IN
        SELECT * FROM unnest(
            in_patch_item, in_session_name, in_session_name_folded, in_session_state, in_metadata, in_metrics, in_costs, in_updated_at)
        AS p (item, session_name, session_name_folded, session_state, metadata, metrics, costs, updated_at)
        WHERE p.item <> ALL (refused)
    LOOP
        UPDATE sessions s SET
            session_name = coalesce(item.session_name, s.session_name),
            session_name_folded = coalesce(item.session_name_folded, s.session_name_folded),
            session_state = coalesce(item.session_state, s.session_state),
            metadata = coalesce(item.metadata, s.metadata),
            metrics = add_costs(coalesce(item.metrics, s.metrics), item.costs),
            updated_at = item.updated_at
        FROM runs r
        WHERE r.run_id = in_run_id[item.item] AND s.session_id = r.session_id;
    END LOOP;
END
$$;
