-- The runs of a team's members: runs that another run started, in its session and beside it.

CREATE INDEX runs_by_parent ON runs (parent_run_id, sequence) WHERE parent_run_id IS NOT NULL;

-- What a member remembers. A hash stands for the session's id, which may be nearly as long as an entry.
CREATE INDEX runs_completed ON runs (component_id, hashtextextended(session_id, 0), sequence) WHERE status = 'COMPLETED';

-- Records runs that other runs started: members of a team, many at a time. They leave their session as it is: the lock lets all of them in, and runs that end
-- as well, and only keeps the session from being deleted. What a statement found to be there may have come after it began: the last one looks again.
CREATE FUNCTION accept_members(
    in_write uuid[], in_run_id text[], in_session_id text[], in_agent_id text[], in_user_id text[], in_parent_run_id text[],
    in_idempotency_key text[], in_streamed boolean[], in_status text[], in_output json[], in_events json[], in_created_at bigint[])
RETURNS TABLE (outcome text, known_run_id text, known_sequence bigint, stored_type text, stored_component_id text, stored_user_id text,
    opens_session boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    new_writes uuid[];
    new_sequences bigint[];
BEGIN
    PERFORM 1 FROM sessions s WHERE s.session_id = ANY (in_session_id) ORDER BY s.session_id FOR KEY SHARE;

    WITH item AS (
        SELECT * FROM unnest(
            in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_parent_run_id, in_idempotency_key, in_streamed, in_status,
            in_output, in_events, in_created_at) WITH ORDINALITY
        AS i (
            write, run_id, session_id, agent_id, user_id, parent_run_id, idempotency_key, streamed, status,
            output, events, created_at, ordinal)),
    accepted AS (
        INSERT INTO runs (
            run_id, session_id, component_id, user_id, parent_run_id, status, streamed, idempotency_key, last_write, output, created_at)
        SELECT
            i.run_id, i.session_id, i.agent_id, i.user_id, i.parent_run_id, i.status, i.streamed, i.idempotency_key, i.write, i.output, i.created_at
        FROM item i WHERE EXISTS (SELECT FROM sessions s WHERE s.session_id = i.session_id)
        ORDER BY i.ordinal
        ON CONFLICT DO NOTHING
        RETURNING last_write, sequence),
    begun AS (
        INSERT INTO run_events (run_id, position, events)
        SELECT i.run_id, 0, i.events FROM item i JOIN accepted a ON a.last_write = i.write)
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
        FROM unnest(in_write, in_run_id, in_session_id, in_agent_id, in_user_id, in_idempotency_key) WITH ORDINALITY
            AS i (write, run_id, session_id, agent_id, user_id, idempotency_key, ordinal)
        LEFT JOIN unnest(new_writes, new_sequences) AS new (write, sequence) ON new.write = i.write
        LEFT JOIN LATERAL (
            SELECT r.run_id, r.sequence, r.last_write FROM runs r
            WHERE new.write IS NULL AND r.component_id = i.agent_id AND (r.user_id IS NULL) = (i.user_id IS NULL)
            AND coalesce(r.user_id, '') = coalesce(i.user_id, '') AND r.idempotency_key = i.idempotency_key) AS known ON true
        LEFT JOIN LATERAL (
            SELECT r.run_id, r.sequence, r.last_write FROM runs r WHERE new.write IS NULL AND r.run_id = i.run_id) AS taken ON true
        LEFT JOIN sessions s ON new.write IS NULL AND s.session_id = i.session_id
        ORDER BY i.ordinal;
END
$$;
