"""Entries that say something, and rows that the log vouches for.

No entry without its payload: at the end of the transaction each entry's commitment is made again from the
payload beside it. An entry that lacked one could neither be verified nor removed.

Of a table that is watched (`audit/watching.py`) each row that a transaction changes leaves its digest in the
setting lianxi.touched, and the action that did it writes them into a payload under "stored":

    {"committee_seat:12": {"": <SHA-256 of the row>, "holder_id": <8 digits>, ...}, "committee_proxy:3": null}

The digest is that of the row's jsonb as text, in UTC, without the columns that are not vouched for; the
eight digits of a column tell which one was changed, and are empty for a column that is secret. Null stands for
a row that was removed. The triggers fire once a statement, and what they leave is gone with the transaction.
"""

from django.db import migrations

PAYLOAD = r"""
CREATE FUNCTION public.audit_check_payload() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM public.audit_payload AS payload
        WHERE payload.commitment = NEW.commitment AND octet_length(payload.salt) = 16
            AND sha256('lianxi/audit/payload/1'::bytea || '\x00'::bytea || payload.salt || payload.body)
                = NEW.commitment
            AND json_typeof(convert_from(payload.body, 'UTF8')::json) = 'object';
    IF FOUND THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.audit_entry AS entry JOIN public.audit_payload AS payload USING (commitment)
        WHERE entry.stream = NEW.stream AND entry.action = 'audit.erased'
            AND entry.subject = 'entry:' || NEW.seq
            AND convert_from(payload.body, 'UTF8')::json ->> 'commitment' = encode(NEW.commitment, 'hex')
    ) THEN
        RAISE EXCEPTION 'entry % of % has no payload of its commitment', NEW.seq, NEW.stream
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION public.audit_check_payload() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER audit_payload_told AFTER INSERT ON public.audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.audit_check_payload();
ALTER TABLE public.audit_entry ENABLE ALWAYS TRIGGER audit_payload_told;
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

# Two that write entries themselves, the owner's alone: of what the owner has changed, and of an erasure,
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

CREATE OR REPLACE FUNCTION public.audit_erase(of_stream text, of_seq bigint, reason text) RETURNS bigint
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
"""

UNDO = """
DROP TRIGGER audit_payload_told ON public.audit_entry;
DROP FUNCTION public.audit_check_payload();
DROP FUNCTION public.audit_vouch(text);
DROP FUNCTION public.audit_touched();
DROP FUNCTION public.audit_touch() CASCADE;
DROP FUNCTION public.audit_fingerprint(jsonb, text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_by_actor_and_time")]

    operations = [migrations.RunSQL(PAYLOAD + TOUCH + OWNER, UNDO)]
