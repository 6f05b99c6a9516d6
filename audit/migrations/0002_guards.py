"""What the database itself holds of the log, and what the log vouches for, whoever writes to it.

`audit/canonical.py` describes the bytes. The triggers fire ALWAYS, so that a session in replica mode
does not pass them by; the functions run as their owner with a pinned search path, so that the
application's role needs no right to a stream's head and can put no object of its own in their way.

What an insert costs was measured, on each of these:
- The head is locked, moved on and read by one UPDATE. When it had to wait, PostgreSQL evaluates it again
  on the newest row, so number and hash are made under the lock. The clock is read before the wait.
- One array_send takes the place of thirty concatenations: each function named in a statement is looked
  up anew in every transaction.
- There is no CHECK on either table: one is planned anew with every insert, and the two that were
  tried took a tenth of the rate. The verifier finds a payload that is not its commitment's.

No entry without its payload: at the end of the transaction each entry's commitment is made again from the
payload beside it. An entry that lacked one could neither be verified nor removed.

Of a table that is watched (`audit/watching.py`) each row that a transaction changes leaves its digest in the
setting lianxi.touched, and the action that did it writes them into a payload under "stored":

    {"committee_seat:12": {"": <SHA-256 of the row>, "holder_id": <8 digits>, ...}, "committee_proxy:3": null}

The digest is that of the row's jsonb as text, in UTC, without the columns that are not vouched for; the
eight digits of a column tell which one was changed, and are empty for a column that is secret. Null stands for
a row that was removed. The triggers fire once a statement, and what they leave is gone with the transaction.
"""

from django.conf import settings
from django.db import migrations
from psycopg import sql

#: bytes of a payload: some five times what an entry holds that vouches for the rows of a table (CHUNK)
MOST_BYTES = 16 * 1024 * 1024
#: so deep at most does a payload nest
DEEPEST = 64

SEAL = r"""
CREATE FUNCTION public.audit_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF octet_length(NEW.commitment) <> 32 THEN
        RAISE EXCEPTION 'a commitment has 32 bytes' USING ERRCODE = 'check_violation';
    END IF;
    NEW.recorded_at := clock_timestamp();
    LOOP
        UPDATE public.audit_head AS head SET
            seq = head.seq + 1,
            prev = head.hash,
            hash = sha256(array_send(ARRAY[
                int8send(head.seq + 1),
                timestamptz_send(NEW.at),
                timestamptz_send(NEW.recorded_at),
                NEW.commitment,
                head.hash,
                convert_to(NEW.stream, 'UTF8'),
                convert_to(NEW.actor, 'UTF8'),
                convert_to(NEW.action, 'UTF8'),
                convert_to(NEW.subject, 'UTF8')
            ]))
        WHERE head.stream = NEW.stream
        RETURNING head.seq, head.prev, head.hash INTO NEW.seq, NEW.prev, NEW.hash;
        EXIT WHEN FOUND;
        INSERT INTO public.audit_head (stream, seq, prev, hash)
            VALUES (NEW.stream, 0, '', decode(repeat('00', 32), 'hex'))
            ON CONFLICT (stream) DO NOTHING;
    END LOOP;
    RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION public.audit_seal() FROM PUBLIC;
CREATE TRIGGER audit_seal BEFORE INSERT ON public.audit_entry
    FOR EACH ROW EXECUTE FUNCTION public.audit_seal();
ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_seal;
-- A head changes with each entry of its stream: room on its page keeps the change off the index.
ALTER TABLE public.audit_head SET (fillfactor = 25);
"""

KEEP = r"""
CREATE FUNCTION public.audit_keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of %: the audit log is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE FUNCTION public.audit_keep_payload() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('lianxi.erasing', true) IS DISTINCT FROM encode(OLD.commitment, 'hex') THEN
        RAISE EXCEPTION 'a payload is erased by audit_erase(stream, seq, reason) alone'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END
$$;
REVOKE ALL ON FUNCTION public.audit_keep() FROM PUBLIC;
REVOKE ALL ON FUNCTION public.audit_keep_payload() FROM PUBLIC;

CREATE TRIGGER audit_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keep();
CREATE TRIGGER audit_keep BEFORE UPDATE OR TRUNCATE ON public.audit_payload
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_keep();
CREATE TRIGGER audit_keep_payload BEFORE DELETE ON public.audit_payload
    FOR EACH ROW EXECUTE FUNCTION public.audit_keep_payload();
ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_keep;
ALTER TABLE public.audit_payload ENABLE ALWAYS TRIGGER audit_keep;
ALTER TABLE public.audit_payload ENABLE ALWAYS TRIGGER audit_keep_payload;
"""

# An entry cannot be removed, so one that a reader stumbles over would stop verifying, or a page, for good: a time
# that no calendar has, a payload that is JSON for one reader and none for another, keys given twice, nesting
# without end.
PAYLOAD = rf"""
CREATE FUNCTION public.audit_check_payload() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.audit_payload AS payload
        WHERE payload.commitment = NEW.commitment AND octet_length(payload.salt) = 16
            AND octet_length(payload.body) <= {MOST_BYTES}
            AND sha256('lianxi/audit/payload/1'::bytea || '\x00'::bytea || payload.salt || payload.body)
                = NEW.commitment
            AND convert_from(payload.body, 'UTF8') IS JSON OBJECT WITH UNIQUE KEYS
            AND NOT jsonb_path_exists(convert_from(payload.body, 'UTF8')::jsonb, '$.**{{{DEEPEST}}}');
    IF FOUND THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.audit_entry AS entry JOIN public.audit_payload AS payload USING (commitment)
        WHERE entry.stream = NEW.stream AND entry.action = 'audit.erased'
            AND entry.subject = 'entry:' || NEW.seq
            AND convert_from(payload.body, 'UTF8')::json ->> 'commitment' = encode(NEW.commitment, 'hex')
    ) THEN
        RAISE EXCEPTION 'entry % of % has no payload of its commitment that can be read', NEW.seq, NEW.stream
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
"""
TOLD = """
REVOKE ALL ON FUNCTION public.audit_check_payload() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER audit_payload_told AFTER INSERT ON public.audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_check_payload();
ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_payload_told;
"""

# Before audit_seal, by their names: what is refused moves no head. A condition costs no call. What only the log's
# own functions say (audit.*) is refused from anybody but its owner.
READABLE = r"""
CREATE FUNCTION public.audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'entry refused: its time, stream, action or subject cannot be read'
        USING ERRCODE = 'check_violation';
END
$$;
REVOKE ALL ON FUNCTION public.audit_refuse() FROM PUBLIC;
CREATE TRIGGER audit_readable BEFORE INSERT ON public.audit_entry FOR EACH ROW WHEN (
    (NEW.at >= '1900-01-01 00:00+00' AND NEW.at < '9000-01-01 00:00+00') IS FALSE
    OR NEW.stream !~ '^[^[:cntrl:][:space:]]{1,200}$'
    OR NEW.action !~ '^[^[:cntrl:][:space:]]{1,200}$'
    OR NEW.subject !~ '^[^[:cntrl:]]{1,200}$'
) EXECUTE FUNCTION public.audit_refuse();
ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_readable;

CREATE FUNCTION public.audit_own() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is said by the log''s own functions alone', NEW.action
        USING ERRCODE = 'insufficient_privilege';
END
$$;
REVOKE ALL ON FUNCTION public.audit_own() FROM PUBLIC;
CREATE TRIGGER audit_own BEFORE INSERT ON public.audit_entry FOR EACH ROW WHEN (NEW.action LIKE 'audit.%')
    EXECUTE FUNCTION public.audit_own();
ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_own;
"""

TOUCH = r"""
CREATE FUNCTION public.audit_fingerprint(stored jsonb, secret text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT '{"":"' || encode(sha256(convert_to(stored::text, 'UTF8')), 'hex') || '"' || string_agg(
        ',' || to_json(field.key)::text || ':"' || CASE WHEN field.key = ANY (secret) THEN ''
            ELSE encode(substr(sha256(convert_to(field.value::text, 'UTF8')), 1, 4), 'hex') END || '"', ''
    ) || '}' FROM jsonb_each(stored) AS field
$$;
CREATE FUNCTION public.audit_touch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
    unvouched text[] := string_to_array(TG_ARGV[0], ',');
    secret text[] := string_to_array(TG_ARGV[1], ',');
    told text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        SELECT string_agg(format(',"%s:%s":null', TG_TABLE_NAME, row_.id), '') INTO told FROM changed AS row_;
    ELSE
        SELECT string_agg(format(
            ',"%s:%s":%s', TG_TABLE_NAME, row_.id,
            public.audit_fingerprint(to_jsonb(row_) - unvouched, secret)
        ), '') INTO told FROM changed AS row_;
    END IF;
    IF told IS NOT NULL THEN
        PERFORM set_config('lianxi.touched', concat(current_setting('lianxi.touched', true), told), true);
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION public.audit_touch() FROM PUBLIC;
CREATE FUNCTION public.audit_touched() RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text := current_setting('lianxi.touched', true);
BEGIN
    IF told IS NULL OR told = '' THEN
        RETURN '';
    END IF;
    PERFORM set_config('lianxi.touched', '', true);
    RETURN told;
END
$$;
COMMENT ON FUNCTION public.audit_touched() IS
    'What this transaction has changed of the tables that the log vouches for; told once.';
"""

# Those that write entries themselves, the owner's alone: of what the owner has changed, and of an erasure,
# which takes over what the entry vouched for, so that rows go on being compared.
OWNER = r"""
CREATE FUNCTION public.audit_say(of_stream text, did text, about text, body text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    salt bytea := substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16);
    said bytea := sha256(
        'lianxi/audit/payload/1'::bytea || '\x00'::bytea || salt || convert_to(body, 'UTF8'));
    said_at bigint;
BEGIN
    INSERT INTO public.audit_payload (commitment, salt, body) VALUES (said, salt, convert_to(body, 'UTF8'));
    INSERT INTO public.audit_entry (stream, at, actor, action, subject, commitment)
        VALUES (of_stream, clock_timestamp(), 'system', did, about, said) RETURNING seq INTO said_at;
    RETURN said_at;
END
$$;
REVOKE ALL ON FUNCTION public.audit_say(text, text, text, text) FROM PUBLIC;

CREATE FUNCTION public.audit_vouch(why text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told text := public.audit_touched();
BEGIN
    IF told = '' THEN
        RETURN NULL;
    END IF;
    RETURN public.audit_say('system', 'audit.vouched', 'system', '{"role":' || to_json(session_user::text)::text
        || ',"stored":{' || substr(told, 2) || '},"why":' || to_json(why)::text || '}');
END
$$;
REVOKE ALL ON FUNCTION public.audit_vouch(text) FROM PUBLIC;
COMMENT ON FUNCTION public.audit_vouch(text) IS
    'An entry of the stream system vouches for what this transaction has changed. Its owner''s alone.';

CREATE FUNCTION public.audit_erase(of_stream text, of_seq bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased bytea;
    stored text;
    said_at bigint;
BEGIN
    SELECT payload.commitment, (
            SELECT ',"stored":{' || string_agg(to_json(told.key)::text || ':' || CASE
                WHEN told.value = 'null' THEN 'null'
                ELSE kept.body END, ',' ORDER BY told.key) || '}'
            FROM jsonb_each((convert_from(payload.body, 'UTF8')::json -> 'stored')::jsonb) AS told,
                LATERAL (
                    SELECT jsonb_object_agg(field.key, CASE field.key WHEN '' THEN field.value ELSE '""' END)::text
                        AS body
                    FROM jsonb_each(CASE told.value WHEN 'null' THEN '{}' ELSE told.value END) AS field
                ) AS kept
        ) INTO erased, stored
        FROM public.audit_entry AS entry JOIN public.audit_payload AS payload USING (commitment)
        WHERE entry.stream = of_stream AND entry.seq = of_seq;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no payload stands behind %#%', of_stream, of_seq USING ERRCODE = 'no_data_found';
    END IF;
    IF reason IS NULL OR reason !~ '[[:alnum:]]' THEN
        RAISE EXCEPTION 'an erasure has a reason' USING ERRCODE = 'check_violation';
    END IF;
    said_at := public.audit_say(of_stream, 'audit.erased', 'entry:' || of_seq,
        '{"commitment":"' || encode(erased, 'hex') || '","reason":' || to_json(reason)::text
        || ',"role":' || to_json(session_user::text)::text || ',"seq":' || of_seq || coalesce(stored, '') || '}');
    PERFORM set_config('lianxi.erasing', encode(erased, 'hex'), true);
    DELETE FROM public.audit_payload WHERE commitment = erased;
    PERFORM set_config('lianxi.erasing', '', true);
    RETURN said_at;
END
$$;
REVOKE ALL ON FUNCTION public.audit_erase(text, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION public.audit_erase(text, bigint, text) IS
    'Removes the payload of one entry as a law demands; an entry of the same stream says so. Its owner''s alone.';
"""

# The columns that the trigger sets are not the application's to give.
RIGHTS = sql.SQL(
    """
REVOKE ALL ON public.audit_entry, public.audit_payload, public.audit_head FROM PUBLIC, {app};
GRANT SELECT ON public.audit_entry, public.audit_payload, public.audit_head TO {app};
GRANT INSERT (stream, at, actor, action, subject, commitment) ON public.audit_entry TO {app};
GRANT INSERT ON public.audit_payload TO {app};
"""
).format(app=sql.Identifier(settings.APP_ROLE))

UNDO = """
DROP FUNCTION public.audit_erase(text, bigint, text);
DROP FUNCTION public.audit_vouch(text);
DROP FUNCTION public.audit_say(text, text, text, text);
DROP FUNCTION public.audit_touched();
DROP FUNCTION public.audit_touch() CASCADE;
DROP FUNCTION public.audit_fingerprint(jsonb, text[]);
DROP TRIGGER audit_own ON public.audit_entry;
DROP FUNCTION public.audit_own();
DROP TRIGGER audit_readable ON public.audit_entry;
DROP FUNCTION public.audit_refuse();
DROP TRIGGER audit_payload_told ON public.audit_entry;
DROP FUNCTION public.audit_check_payload();
DROP TRIGGER audit_keep_payload ON public.audit_payload;
DROP TRIGGER audit_keep ON public.audit_payload;
DROP TRIGGER audit_keep ON public.audit_entry;
DROP FUNCTION public.audit_keep_payload();
DROP FUNCTION public.audit_keep();
DROP TRIGGER audit_seal ON public.audit_entry;
DROP FUNCTION public.audit_seal();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(SEAL + KEEP + PAYLOAD + TOLD + READABLE + TOUCH + OWNER, UNDO),
        migrations.RunSQL(RIGHTS.as_string(), migrations.RunSQL.noop),
    ]
