-- What people have to agree to before runs go on. Approvals outlive their runs, so no key refers to them; how far the run is stands in runs only.

CREATE TABLE approvals (
    approval_id   text COLLATE "C" PRIMARY KEY,
    creation      bigint GENERATED ALWAYS AS IDENTITY,
    run_id        text COLLATE "C" NOT NULL,
    session_id    text COLLATE "C" NOT NULL,
    status        text COLLATE "C" NOT NULL,
    -- The run has heard the decision, so nothing is left to do.
    is_applied    boolean NOT NULL,
    source_type   text COLLATE "C" NOT NULL,
    approval_type text COLLATE "C",
    pause_type    text COLLATE "C",
    agent_id      text COLLATE "C",
    team_id       text COLLATE "C",
    workflow_id   text COLLATE "C",
    user_id       text COLLATE "C",
    schedule_id   text COLLATE "C",
    expires_at    bigint,
    created_at    bigint NOT NULL,
    -- The approval as it was created, and the decision about it.
    request       json NOT NULL,
    resolution    json,
    -- The write that decided. One whose answer was lost is sent again under its number and recognised.
    resolved_in   uuid
);

CREATE INDEX approvals_by_creation ON approvals (created_at, creation);
CREATE INDEX approvals_by_run ON approvals (run_id);
CREATE INDEX approvals_by_user ON approvals (user_id, created_at, creation);
CREATE INDEX approvals_pending ON approvals (expires_at) WHERE status = 'pending';
CREATE INDEX approvals_unheard ON approvals (creation) WHERE status <> 'pending' AND NOT is_applied;
