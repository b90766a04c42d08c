-- The content of pictures, sounds, videos and files stands beside the logs: location says where. What is written once never changes.
CREATE TABLE media (
    tenant_id  text COLLATE "C" NOT NULL,
    sha256     text COLLATE "C" NOT NULL,
    bytes      bigint NOT NULL,
    location   text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);

-- The content itself, in parts of at most a mebibyte, unless it is kept elsewhere. Media are compressed already.
CREATE TABLE media_chunks (
    tenant_id text COLLATE "C" NOT NULL,
    location  text COLLATE "C" NOT NULL,
    number    integer NOT NULL,
    content   bytea NOT NULL,
    PRIMARY KEY (tenant_id, location, number)
);

ALTER TABLE media_chunks ALTER COLUMN content SET STORAGE EXTERNAL;

-- Which run refers to what, written with the events that do.
CREATE TABLE media_references (
    tenant_id text COLLATE "C" NOT NULL,
    run_id    text COLLATE "C" NOT NULL,
    sha256    text COLLATE "C" NOT NULL,
    media_id  text COLLATE "C" NOT NULL,
    mime_type text COLLATE "C",
    PRIMARY KEY (tenant_id, run_id, sha256, media_id)
);

CREATE INDEX media_references_by_content ON media_references (tenant_id, sha256);

-- Content to which perhaps nothing refers, and when to look at it.
CREATE TABLE media_loose (
    tenant_id text COLLATE "C" NOT NULL,
    sha256    text COLLATE "C" NOT NULL,
    due_at    bigint NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);

CREATE INDEX media_loose_by_time ON media_loose (due_at);

-- Places that hold nothing of use, and when to clear them: written before content is, and when its row goes.
CREATE TABLE media_discards (
    tenant_id text COLLATE "C" NOT NULL,
    location  text COLLATE "C" NOT NULL,
    due_at    bigint NOT NULL,
    PRIMARY KEY (tenant_id, location)
);

CREATE INDEX media_discards_by_time ON media_discards (due_at);

-- However runs go, what they refer to goes with the last that does. A statement that deletes many does this once.
CREATE FUNCTION release_media() RETURNS trigger
LANGUAGE plpgsql SET jit = off SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    WITH released AS (
        DELETE FROM media_references r USING gone g WHERE r.tenant_id = g.tenant_id AND r.run_id = g.run_id RETURNING r.tenant_id, r.sha256)
    INSERT INTO media_loose (tenant_id, sha256, due_at) SELECT DISTINCT tenant_id, sha256, 0 FROM released ORDER BY tenant_id, sha256
        ON CONFLICT (tenant_id, sha256) DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER runs_release_media AFTER DELETE ON runs REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION release_media();
