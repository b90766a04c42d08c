-- What is remembered about users. Memories outlive runs and sessions, so no key refers to them.
-- Texts that people or models wrote are JSON strings: PostgreSQL's text cannot hold a NUL.

CREATE TABLE user_memories (
    memory_id     text COLLATE "C" PRIMARY KEY,
    creation      bigint GENERATED ALWAYS AS IDENTITY,
    user_id       text COLLATE "C" NOT NULL,
    agent_id      text COLLATE "C",
    team_id       text COLLATE "C",
    memory        json NOT NULL,
    -- The memory as searches in any case compare it.
    memory_folded bytea NOT NULL,
    -- The topics in UTF-8, in the order in which they were named; null when nobody named any.
    topics        bytea[],
    input         json,
    feedback      json,
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL
);

CREATE INDEX user_memories_by_user ON user_memories (user_id, updated_at, creation);
CREATE INDEX user_memories_by_change ON user_memories (updated_at, creation);
