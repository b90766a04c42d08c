-- Ids are compared byte by byte whatever the database's own collation is: hence COLLATE "C".
-- Payloads are json, not jsonb: they come back exactly as they were written, the order of members, numbers and \u0000 included.
-- Texts that people write (names, inputs) are JSON strings for the same reason: PostgreSQL's text cannot hold a NUL.

CREATE TABLE sessions (
    session_id          text COLLATE "C" PRIMARY KEY,
    creation            bigint GENERATED ALWAYS AS IDENTITY,
    session_type        text COLLATE "C" NOT NULL,
    component_id        text COLLATE "C",
    user_id             text COLLATE "C",
    session_name        json,
    -- The name in upper case as UTF-8, as the searching process folds it.
    session_name_folded bytea,
    first_input         json,
    session_state       json,
    metadata            json,
    metrics             json,
    component_data      json,
    created_at          bigint NOT NULL,
    updated_at          bigint NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX sessions_by_creation ON sessions (created_at, creation);
CREATE INDEX sessions_by_update ON sessions (updated_at, creation);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, creation);
CREATE INDEX sessions_by_component ON sessions (component_id, created_at, creation);

CREATE TABLE runs (
    run_id          text COLLATE "C" PRIMARY KEY,
    session_id      text COLLATE "C" NOT NULL REFERENCES sessions,
    component_id    text COLLATE "C" NOT NULL,
    user_id         text COLLATE "C",
    parent_run_id   text COLLATE "C",
    status          text COLLATE "C" NOT NULL,
    sequence        bigint GENERATED ALWAYS AS IDENTITY,
    generation      bigint NOT NULL DEFAULT 1,
    position        integer NOT NULL DEFAULT 1,
    streamed        boolean NOT NULL,
    idempotency_key text COLLATE "C",
    -- The write that last changed the log. A write whose answer was lost is sent again under its number and recognised.
    last_write      uuid NOT NULL,
    output          json NOT NULL,
    created_at      bigint NOT NULL
) WITH (fillfactor = 80);

CREATE INDEX runs_by_session ON runs (session_id, sequence);
CREATE INDEX runs_unfinished ON runs (sequence) WHERE status IN ('PENDING', 'RUNNING');
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (component_id, (user_id IS NULL), (coalesce(user_id, '')), idempotency_key)
    WHERE idempotency_key IS NOT NULL;

-- The events that were written together stand in one row, as an array; position is that of the first. Most runs have two rows.
-- No foreign key to runs: every write of events holds the lock of its run's row, and a key would check every row once more.
CREATE TABLE run_events (
    run_id   text COLLATE "C" NOT NULL,
    position integer NOT NULL,
    events   json NOT NULL,
    PRIMARY KEY (run_id, position)
);

-- Records runs. The condition of the upsert is the engine's rule of admission; for a refused run the session is returned, so that
-- the engine says why. Items come ordered by session: all who lock sessions do it in this order.
CREATE FUNCTION accept_runs(
    in_write uuid[], in_run_id text[], in_session_id text[], in_agent_id text[], in_user_id text[], in_parent_run_id text[],
    in_idempotency_key text[], in_streamed boolean[], in_status text[], in_output json[], in_events json[], in_created_at bigint[],
    in_session_type text[], in_component_id text[], in_session_user_id text[], in_session_name json[], in_session_name_folded bytea[],
    in_first_input json[], in_session_state json[], in_metadata json[], in_metrics json[], in_component_data json[],
    in_session_created_at bigint[], in_session_updated_at bigint[])
RETURNS TABLE (outcome text, known_run_id text, known_sequence bigint, stored_type text, stored_component_id text, stored_user_id text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    item record;
    known record;
    is_admitted boolean;
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
        RETURNING true INTO is_admitted;

        IF is_admitted IS NULL THEN
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

-- Appends to runs. Only refused items are returned: with the log's generation and length, or nulls when there is no such run.
-- The items' numbers count from 1. A session patch leaves what it has no value for.
CREATE FUNCTION append_runs(
    in_write uuid[], in_run_id text[], in_generation bigint[], in_position integer[], in_count integer[], in_status text[], in_output json[],
    in_events json[],
    in_patch_item integer[], in_session_name json[], in_session_name_folded bytea[], in_session_state json[], in_metadata json[],
    in_metrics json[], in_updated_at bigint[])
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
            in_patch_item, in_session_name, in_session_name_folded, in_session_state, in_metadata, in_metrics, in_updated_at)
        AS p (item, session_name, session_name_folded, session_state, metadata, metrics, updated_at)
        WHERE p.item <> ALL (refused)
    LOOP
        UPDATE sessions s SET
            session_name = coalesce(item.session_name, s.session_name),
            session_name_folded = coalesce(item.session_name_folded, s.session_name_folded),
            session_state = coalesce(item.session_state, s.session_state),
            metadata = coalesce(item.metadata, s.metadata),
            metrics = coalesce(item.metrics, s.metrics),
            updated_at = item.updated_at
        FROM runs r
        WHERE r.run_id = in_run_id[item.item] AND s.session_id = r.session_id;
    END LOOP;
END
$$;

-- Deletes sessions with their runs, of one user when one is given. A statement at a time: each sees what the one before had to wait for.
CREATE FUNCTION delete_sessions(in_session_ids text[], in_user_id text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    gone_sessions text[];
    gone_runs text[];
BEGIN
    SELECT array_agg(locked.session_id) INTO gone_sessions FROM (
        SELECT s.session_id FROM sessions s
        WHERE s.session_id = ANY (in_session_ids) AND (in_user_id IS NULL OR s.user_id = in_user_id)
        ORDER BY s.session_id FOR UPDATE) AS locked;
    WITH gone AS (DELETE FROM runs WHERE session_id = ANY (gone_sessions) RETURNING run_id)
        SELECT array_agg(run_id) INTO gone_runs FROM gone;
    DELETE FROM run_events WHERE run_id = ANY (gone_runs);
    DELETE FROM sessions WHERE session_id = ANY (gone_sessions);
END
$$;
