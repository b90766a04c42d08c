-- What the cluster's runtime keeps: who is a member, what grains remember, and when they want to be woken.
-- Orleans' AdoNet providers know one table by name, OrleansQuery. It holds the statements that they send, whose parameters and result
-- columns have the names that Orleans 10.4.2 expects; every other name here is ours.

CREATE TABLE OrleansQuery (
    QueryKey  text COLLATE "C" PRIMARY KEY,
    QueryText text NOT NULL
);

-- Versions are drawn from one sequence instead of counted per row: a row that was deleted and written anew never
-- has a version that an activation left behind still knows.
CREATE SEQUENCE orleans_version AS integer CYCLE;

-- Keys may be longer than an entry of an index has room for, so what is indexed is their digest. It must be one that nobody can
-- collide on purpose, because parts of keys come from outside. A database's encoding never changes: hence immutable.
CREATE FUNCTION orleans_key_digest(in_key text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sha256(convert_to(in_key, 'UTF8')) $$;

CREATE TABLE orleans_membership_version (
    cluster_id text COLLATE "C" PRIMARY KEY,
    version    integer NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orleans_membership (
    cluster_id       text COLLATE "C" NOT NULL REFERENCES orleans_membership_version ON DELETE CASCADE,
    address          text COLLATE "C" NOT NULL,
    port             integer NOT NULL,
    generation       integer NOT NULL,
    silo_name        text NOT NULL,
    host_name        text NOT NULL,
    status           integer NOT NULL,
    gateway_port     integer NOT NULL,
    suspicions       text,
    started_at       timestamptz NOT NULL,
    last_alive_at    timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

-- The state name stands for the grain's class. A key that is a number or a GUID is in the two numbers, any other in the text.
CREATE TABLE orleans_storage (
    service_id      text COLLATE "C" NOT NULL,
    state_name      text COLLATE "C" NOT NULL,
    state_name_hash integer NOT NULL,
    key_hash        integer NOT NULL,
    key_high        bigint NOT NULL,
    key_low         bigint NOT NULL,
    key_text        text COLLATE "C",
    version         integer NOT NULL,
    -- What the serializer of the storage wrote: UTF-8 JSON for the engine's grains. Null for a state that was cleared but not deleted.
    payload         bytea,
    modified_at     timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

-- The whole identity: of two first writes at once one finds the other's row, whatever their activations believe.
CREATE UNIQUE INDEX orleans_storage_identity
    ON orleans_storage (key_hash, state_name_hash, key_high, key_low, service_id, state_name, orleans_key_digest(key_text)) NULLS NOT DISTINCT;

CREATE TABLE orleans_reminders (
    service_id    text COLLATE "C" NOT NULL,
    grain_id      text COLLATE "C" NOT NULL,
    grain_hash    integer NOT NULL,
    reminder_name text COLLATE "C" NOT NULL,
    start_at      timestamptz NOT NULL,
    period_ms     bigint NOT NULL,
    version       integer NOT NULL
);

CREATE UNIQUE INDEX orleans_reminders_identity ON orleans_reminders (service_id, orleans_key_digest(grain_id), reminder_name);
CREATE INDEX orleans_reminders_by_hash ON orleans_reminders (service_id, grain_hash);

-- Membership. Every change of it but the signs of life raises the table's version, and only a silo that knows the present one may change it:
-- the lock of the version's row puts concurrent changes in a row, and the second then finds another version.

INSERT INTO OrleansQuery VALUES ('InsertMembershipVersionKey', $query$
WITH created AS (
    INSERT INTO orleans_membership_version (cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
SELECT EXISTS (SELECT FROM created)
$query$);

INSERT INTO OrleansQuery VALUES ('InsertMembershipKey', $query$
WITH turned AS (
    UPDATE orleans_membership_version v SET version = v.version + 1, changed_at = now()
    WHERE v.cluster_id = @DeploymentId AND v.version = @Version
        AND NOT EXISTS (
            SELECT FROM orleans_membership m
            WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
    RETURNING v.cluster_id),
created AS (
    INSERT INTO orleans_membership (
        cluster_id, address, port, generation, silo_name, host_name, status, gateway_port, started_at, last_alive_at)
    SELECT turned.cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    FROM turned
    RETURNING 1)
SELECT EXISTS (SELECT FROM created)
$query$);

INSERT INTO OrleansQuery VALUES ('UpdateMembershipKey', $query$
WITH turned AS (
    UPDATE orleans_membership_version v SET version = v.version + 1, changed_at = now()
    WHERE v.cluster_id = @DeploymentId AND v.version = @Version
        AND EXISTS (
            SELECT FROM orleans_membership m
            WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
    RETURNING v.cluster_id),
changed AS (
    UPDATE orleans_membership m SET status = @Status, suspicions = @SuspectTimes, last_alive_at = @IAmAliveTime
    FROM turned
    WHERE m.cluster_id = turned.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
    RETURNING 1)
SELECT EXISTS (SELECT FROM changed)
$query$);

INSERT INTO OrleansQuery VALUES ('UpdateIAmAlivetimeKey', $query$
UPDATE orleans_membership SET last_alive_at = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$query$);

-- A cluster without members, or without this one, is a row all the same: it tells the version.
INSERT INTO OrleansQuery VALUES ('MembershipReadRowKey', $query$
SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName, m.host_name AS HostName, m.status AS Status,
    m.gateway_port AS ProxyPort, m.suspicions AS SuspectTimes, m.started_at AS StartTime, m.last_alive_at AS IAmAliveTime, v.version AS Version
FROM orleans_membership_version v
LEFT JOIN orleans_membership m
    ON m.cluster_id = v.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
WHERE v.cluster_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery VALUES ('MembershipReadAllKey', $query$
SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName, m.host_name AS HostName, m.status AS Status,
    m.gateway_port AS ProxyPort, m.suspicions AS SuspectTimes, m.started_at AS StartTime, m.last_alive_at AS IAmAliveTime, v.version AS Version
FROM orleans_membership_version v
LEFT JOIN orleans_membership m ON m.cluster_id = v.cluster_id
WHERE v.cluster_id = @DeploymentId
$query$);

INSERT INTO OrleansQuery VALUES ('GatewaysQueryKey', $query$
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
FROM orleans_membership
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteMembershipTableEntriesKey', $query$
DELETE FROM orleans_membership_version WHERE cluster_id = @DeploymentId
$query$);

-- 3 is an active silo: its row stays however long it has been silent, because only its peers may declare it dead.
INSERT INTO OrleansQuery VALUES ('CleanupDefunctSiloEntriesKey', $query$
DELETE FROM orleans_membership
WHERE cluster_id = @DeploymentId AND last_alive_at < @IAmAliveTime AND status <> 3
$query$);

-- Grain storage. A statement that returns no row changed nothing, and the writer is told that its state is out of date.

INSERT INTO OrleansQuery VALUES ('ReadFromStorageKey', $query$
SELECT payload AS PayloadBinary, version AS Version
FROM orleans_storage
WHERE key_hash = @GrainIdHash AND state_name_hash = @GrainTypeHash AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
    AND service_id = @ServiceId AND state_name = @GrainTypeString AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString
$query$);

INSERT INTO OrleansQuery VALUES ('WriteToStorageKey', $query$
WITH changed AS (
    UPDATE orleans_storage SET payload = @PayloadBinary, version = nextval('orleans_version'), modified_at = now()
    WHERE key_hash = @GrainIdHash AND state_name_hash = @GrainTypeHash AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
        AND service_id = @ServiceId AND state_name = @GrainTypeString AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString
        AND version = @GrainStateVersion
    RETURNING version),
created AS (
    INSERT INTO orleans_storage (service_id, state_name, state_name_hash, key_hash, key_high, key_low, key_text, version, payload)
    SELECT @ServiceId, @GrainTypeString, @GrainTypeHash, @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainIdExtensionString,
        nextval('orleans_version'), @PayloadBinary
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING version)
SELECT version AS NewGrainStateVersion FROM changed UNION ALL SELECT version FROM created
$query$);

INSERT INTO OrleansQuery VALUES ('ClearStorageKey', $query$
UPDATE orleans_storage SET payload = NULL, version = nextval('orleans_version'), modified_at = now()
WHERE key_hash = @GrainIdHash AND state_name_hash = @GrainTypeHash AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
    AND service_id = @ServiceId AND state_name = @GrainTypeString AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString
    AND version = @GrainStateVersion
RETURNING version AS NewGrainStateVersion
$query$);

-- Orleans takes any answer but the version that was known as done.
INSERT INTO OrleansQuery VALUES ('DeleteStorageKey', $query$
DELETE FROM orleans_storage
WHERE key_hash = @GrainIdHash AND state_name_hash = @GrainTypeHash AND key_high = @GrainIdN0 AND key_low = @GrainIdN1
    AND service_id = @ServiceId AND state_name = @GrainTypeString AND key_text IS NOT DISTINCT FROM @GrainIdExtensionString
    AND version = @GrainStateVersion
RETURNING -version AS NewGrainStateVersion
$query$);

-- Reminders. Silos share them by ranges of the grains' hashes, which form a ring: a range may go over its end.

INSERT INTO OrleansQuery VALUES ('ReadReminderRowsKey', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND orleans_key_digest(grain_id) = orleans_key_digest(@GrainId)
$query$);

INSERT INTO OrleansQuery VALUES ('ReadReminderRowKey', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND orleans_key_digest(grain_id) = orleans_key_digest(@GrainId) AND reminder_name = @ReminderName
$query$);

INSERT INTO OrleansQuery VALUES ('ReadRangeRows1Key', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$query$);

INSERT INTO OrleansQuery VALUES ('ReadRangeRows2Key', $query$
SELECT grain_id AS GrainId, reminder_name AS ReminderName, start_at AS StartTime, period_ms AS Period, version AS Version
FROM orleans_reminders
WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$query$);

INSERT INTO OrleansQuery VALUES ('UpsertReminderRowKey', $query$
INSERT INTO orleans_reminders (service_id, grain_id, grain_hash, reminder_name, start_at, period_ms, version)
VALUES (@ServiceId, @GrainId, @GrainHash, @ReminderName, @StartTime, @Period, nextval('orleans_version'))
ON CONFLICT (service_id, orleans_key_digest(grain_id), reminder_name) DO UPDATE SET
    grain_hash = excluded.grain_hash, start_at = excluded.start_at, period_ms = excluded.period_ms, version = excluded.version
RETURNING version AS Version
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteReminderRowKey', $query$
WITH gone AS (
    DELETE FROM orleans_reminders
    WHERE service_id = @ServiceId AND orleans_key_digest(grain_id) = orleans_key_digest(@GrainId) AND reminder_name = @ReminderName
        AND version = @Version
    RETURNING 1)
SELECT EXISTS (SELECT FROM gone)
$query$);

INSERT INTO OrleansQuery VALUES ('DeleteReminderRowsKey', $query$
DELETE FROM orleans_reminders WHERE service_id = @ServiceId
$query$);
