ALTER TABLE runs ADD CONSTRAINT runs_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions;
ALTER TABLE runs ALTER COLUMN output SET COMPRESSION default;
ALTER TABLE run_events ALTER COLUMN events SET COMPRESSION default;

CREATE INDEX sessions_by_user ON sessions (user_id, created_at, creation);
DROP INDEX sessions_of_user;
CREATE INDEX runs_unfinished ON runs (sequence) WHERE status IN ('PENDING', 'RUNNING');
DROP INDEX runs_unfinished_of_session;
CREATE INDEX runs_completed ON runs (component_id, hashtextextended(session_id, 0), sequence) WHERE status = 'COMPLETED';
DROP INDEX runs_of_members;
DROP INDEX runs_for_history;

ALTER FUNCTION delete_sessions RESET ALL;
ALTER FUNCTION accept_members RESET ALL;
DROP FUNCTION read_logs;
DROP FUNCTION read_history;
DROP FUNCTION read_sessions;
DROP FUNCTION extend_runs;
DROP FUNCTION record_runs;

-- Adds what a run cost to the sum of a session, as the engine does it: counts add up, by use and model as well.
CREATE OR REPLACE FUNCTION add_costs(in_sum json, in_costs json) RETURNS json
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

DROP FUNCTION add_model;
DROP FUNCTION sum_tokens(jsonb, jsonb);
