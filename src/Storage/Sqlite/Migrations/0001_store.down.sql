DROP TABLE user_memories;
DROP TABLE approvals;
DROP TABLE run_events;
DROP TABLE runs;
DROP TABLE sessions;
