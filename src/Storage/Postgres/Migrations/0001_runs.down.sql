DROP FUNCTION delete_sessions;
DROP FUNCTION append_runs;
DROP FUNCTION accept_runs;
DROP TABLE run_events;
DROP TABLE runs;
DROP TABLE sessions;
