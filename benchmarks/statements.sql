-- What the two statements of a run cost the database, in microseconds of its processor time for each run: without a network, without the program.
--   psql -q DATABASE -f benchmarks/statements.sql
-- The database has to be migrated and to hold at least one finished run (`Cluster.Benchmarks fill --runs 100`). The role has to read files of the server (pg_read_server_files).
\if :{?single} \else \set single 1000 \endif
\if :{?batches} \else \set batches 200 \endif

CREATE TEMP TABLE template AS
    SELECT r.output, first.events AS first, others.events AS others, s.component_data, s.first_input, s.component_id
    FROM runs r JOIN sessions s USING (session_id)
    JOIN run_events first ON first.run_id = r.run_id AND first.position = 0 JOIN run_events others ON others.run_id = r.run_id AND others.position = 1
    WHERE r.status = 'COMPLETED' LIMIT 1;
CREATE TEMP TABLE measured (batch integer, existing boolean, recording bigint, extending bigint);

-- The kernel counts a process in ticks, so that only the sum over many calls means something.
CREATE FUNCTION pg_temp.processor_time() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::bigint $$;

CREATE PROCEDURE pg_temp.measure(times integer, size integer, existing boolean) LANGUAGE plpgsql AS $$
DECLARE
    t record;
    runs text[];
    sessions text[];
    writes uuid[];
    tenants CONSTANT text[] := array_fill('default'::text, ARRAY[size]);
    none CONSTANT text[] := array_fill(NULL::text, ARRAY[size]);
    costs CONSTANT json := '{"input_tokens":10,"output_tokens":5,"total_tokens":15,"details":{"model":[{"input_tokens":10,"output_tokens":5,"total_tokens":15,"id":"scripted-1","provider":"Scripted"}]}}';
    tag CONSTANT text := md5(random()::text);
    began bigint;
    recorded bigint;
    ended bigint;
BEGIN
    SELECT * INTO t FROM template;
    FOR turn IN 1 .. times LOOP
        SELECT array_agg(lpad(to_hex(turn * size + i), 10, '0') || tag ORDER BY i), array_agg(CASE WHEN existing THEN 'bench' || i ELSE tag || turn || '-' || i END ORDER BY i), array_agg(gen_random_uuid())
            INTO runs, sessions, writes FROM generate_series(1, size) AS i;
        began := pg_temp.processor_time();
        EXECUTE 'SELECT count(*) FROM record_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)' USING
            tenants, writes, runs, sessions, array_fill(t.component_id, ARRAY[size]), none, none, none, array_fill(false, ARRAY[size]), array_fill('PENDING'::text, ARRAY[size]),
            array_fill(t.output, ARRAY[size]), array_fill(t.first, ARRAY[size]), array_fill(turn::bigint, ARRAY[size]), array_fill('agent'::text, ARRAY[size]),
            array_fill(t.component_id, ARRAY[size]), none, none::json[], none::bytea[], array_fill(t.first_input, ARRAY[size]), none::json[], none::json[], none::json[],
            array_fill(t.component_data, ARRAY[size]), array_fill(turn::bigint, ARRAY[size]), array_fill((turn / 50)::bigint, ARRAY[size]);
        recorded := pg_temp.processor_time();
        EXECUTE 'SELECT count(*) FROM extend_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)' USING
            tenants, writes, runs, array_fill(1::bigint, ARRAY[size]), array_fill(1, ARRAY[size]), array_fill(7, ARRAY[size]), array_fill('COMPLETED'::text, ARRAY[size]),
            array_fill(t.output, ARRAY[size]), array_fill(t.others, ARRAY[size]), (SELECT array_agg(i) FROM generate_series(1, size) AS i), none::json[], none::bytea[],
            array_fill('{}'::json, ARRAY[size]), none::json[], none::json[], array_fill(costs, ARRAY[size]), array_fill((turn / 50)::bigint, ARRAY[size]);
        ended := pg_temp.processor_time();
        IF turn > times / 5 THEN
            INSERT INTO measured VALUES (size, existing, recorded - began, ended - recorded);
        END IF;

        COMMIT;
    END LOOP;
END
$$;

CALL pg_temp.measure(:single, 1, false);
CALL pg_temp.measure(:single, 1, true);
CALL pg_temp.measure(:batches, 16, false);
CALL pg_temp.measure(:batches, 16, true);
SELECT
    batch AS "runs at once", CASE WHEN existing THEN 'existing' ELSE 'new' END AS session,
    round((avg(recording) / batch / 1000)::numeric) AS "recording, us a run", round((avg(extending) / batch / 1000)::numeric) AS "ending, us a run"
FROM measured GROUP BY batch, existing ORDER BY batch, existing;
