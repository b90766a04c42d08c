DROP INDEX runs_completed;
DROP INDEX runs_by_parent;

-- Records runs. The condition of the upsert is the engine's rule of admission; for a refused run the session is returned, so that
-- the engine says why. Items come ordered by session: all who lock sessions do it in this order.
CREATE OR REPLACE FUNCTION accept_runs(
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
