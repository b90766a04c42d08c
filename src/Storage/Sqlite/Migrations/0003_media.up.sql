-- The content of pictures, sounds, videos and files stands beside the logs, in files or elsewhere: location says where. What is written once never changes.
CREATE TABLE media (
    tenant_id  TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    location   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
) STRICT, WITHOUT ROWID;

-- Which run refers to what, written with the events that do.
CREATE TABLE media_references (
    tenant_id TEXT NOT NULL,
    run       INTEGER NOT NULL,
    sha256    TEXT NOT NULL,
    media_id  TEXT NOT NULL,
    mime_type TEXT,
    PRIMARY KEY (tenant_id, run, sha256, media_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_references_by_content ON media_references (tenant_id, sha256);

-- Content to which perhaps nothing refers, and when to look at it.
CREATE TABLE media_loose (
    tenant_id TEXT NOT NULL,
    sha256    TEXT NOT NULL,
    due_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_loose_by_time ON media_loose (due_at);

-- Places that hold nothing of use, and when to clear them: written before content is, and when its row goes.
CREATE TABLE media_discards (
    tenant_id TEXT NOT NULL,
    location  TEXT NOT NULL,
    due_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, location)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_discards_by_time ON media_discards (due_at);

-- However a run goes, what it refers to goes with the last that does.
CREATE TRIGGER runs_release_media AFTER DELETE ON runs BEGIN
    INSERT INTO media_loose (tenant_id, sha256, due_at)
        SELECT DISTINCT tenant_id, sha256, 0 FROM media_references WHERE tenant_id = OLD.tenant_id AND run = OLD.sequence
        ON CONFLICT (tenant_id, sha256) DO NOTHING;
    DELETE FROM media_references WHERE tenant_id = OLD.tenant_id AND run = OLD.sequence;
END;
