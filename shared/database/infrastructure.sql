-- Statements are separated by two empty lines.

-- Scope of a transaction, as set by shared/database/scope.py.
CREATE FUNCTION fangfan_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('fangfan.now', true), '')::timestamptz, now()) $$


CREATE FUNCTION fangfan_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('fangfan.actor', true), ''), current_user::text) $$


CREATE FUNCTION fangfan_reason() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('fangfan.reason', true), '') $$


-- Ranges of division codes in byte order: asked only of callers with several areas, after the hull has been
-- served by the index.
CREATE TYPE division_range AS RANGE (subtype = text, collation = "C")


CREATE FUNCTION fangfan_within(code text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT EXISTS (SELECT FROM unnest(current_setting('fangfan.areas', true)::division_range[]) area WHERE code <@ area) $$


-- The row as it becomes: a new version, stamped with who, when and why.
CREATE FUNCTION fangfan_stamp() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.changed_at := fangfan_now();
    NEW.changed_by := fangfan_actor();
    NEW.change_reason := fangfan_reason();
    RETURN NEW;
END
$$


CREATE TABLE history (
    table_name text NOT NULL,
    root_id uuid NOT NULL,
    row_id uuid NOT NULL,
    version integer NOT NULL,
    division_code text COLLATE "C",
    valid_from timestamptz NOT NULL,
    valid_to timestamptz NOT NULL,
    changed_by text NOT NULL,
    change_reason text NOT NULL,
    ended_by text NOT NULL,
    ended_reason text NOT NULL,
    deleted boolean NOT NULL,
    image jsonb NOT NULL,
    PRIMARY KEY (root_id, table_name, row_id, version)
)


-- The rows as they were, stored in one statement per statement. TG_ARGV[0] names the column with the aggregate's id.
CREATE FUNCTION fangfan_keep_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    EXECUTE format(
        'INSERT INTO history SELECT $1, o.%I, o.id, o.version, to_jsonb(o) ->> ''division_code'', o.changed_at, '
        'fangfan_now(), o.changed_by, o.change_reason, fangfan_actor(), fangfan_reason(), $2, to_jsonb(o) FROM old_rows o',
        TG_ARGV[0]
    ) USING TG_TABLE_NAME, TG_OP = 'DELETE';
    RETURN NULL;
END
$$


CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type text NOT NULL,
    events integer NOT NULL,
    body bytea NOT NULL,
    stored_at timestamptz NOT NULL
)


CREATE FUNCTION fangfan_wake_relay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NOTIFY fangfan_outbox; RETURN NULL; END $$


CREATE TRIGGER wake_relay AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION fangfan_wake_relay()


CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    handled_at timestamptz NOT NULL DEFAULT now()
)


CREATE INDEX ix_inbox_handled_at ON inbox USING brin (handled_at)


CREATE TABLE dead_event (
    event_id uuid PRIMARY KEY,
    type text NOT NULL,
    subject text NOT NULL,
    body jsonb NOT NULL,
    reason text NOT NULL,
    attempts integer NOT NULL,
    died_at timestamptz NOT NULL DEFAULT now()
)


CREATE TABLE answer (
    caller text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, key)
)


CREATE INDEX ix_answer_stored_at ON answer USING brin (stored_at)


CREATE TABLE job (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    state text NOT NULL,
    payload jsonb NOT NULL,
    checkpoint jsonb NOT NULL DEFAULT '{}',
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    unit text NOT NULL DEFAULT '',
    result jsonb,
    error jsonb,
    attempts integer NOT NULL DEFAULT 0,
    requested_by text NOT NULL,
    owner text NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
)


ALTER TABLE history ENABLE ROW LEVEL SECURITY


CREATE POLICY area ON history USING (
    division_code IS NULL OR (
        division_code >= current_setting('fangfan.area_low', true)
        AND division_code < current_setting('fangfan.area_high', true)
        AND (current_setting('fangfan.areas', true) = '' OR fangfan_within(division_code))
    )
)


-- Append-only: the triggers write history as the owner; the application role can only read it.
DO $$
DECLARE grantee regrole;
BEGIN
    FOR grantee IN
        SELECT DISTINCT (aclexplode(relacl)).grantee::regrole FROM pg_class WHERE oid = 'history'::regclass AND relacl IS NOT NULL
    LOOP
        IF grantee <> (SELECT relowner::regrole FROM pg_class WHERE oid = 'history'::regclass) THEN
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON history FROM %s', grantee);
        END IF;
    END LOOP;
END
$$
