"""What the database itself holds of the log, whoever writes to it.

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
"""

from django.conf import settings
from django.db import migrations
from psycopg import sql

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

ERASE = r"""
CREATE FUNCTION public.audit_erase(of_stream text, of_seq bigint, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    erased bytea;
    salt bytea := substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16);
    body bytea;
    said bytea;
    said_at bigint;
BEGIN
    SELECT payload.commitment INTO erased
        FROM public.audit_entry AS entry JOIN public.audit_payload AS payload USING (commitment)
        WHERE entry.stream = of_stream AND entry.seq = of_seq;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no payload stands behind %#%', of_stream, of_seq USING ERRCODE = 'no_data_found';
    END IF;
    IF reason IS NULL OR reason !~ '[[:alnum:]]' THEN
        RAISE EXCEPTION 'an erasure has a reason' USING ERRCODE = 'check_violation';
    END IF;
    body := convert_to(
        '{"commitment":"' || encode(erased, 'hex') || '","reason":' || to_json(reason)::text
        || ',"role":' || to_json(session_user::text)::text || ',"seq":' || of_seq || '}', 'UTF8');
    said := sha256('lianxi/audit/payload/1'::bytea || '\x00'::bytea || salt || body);
    INSERT INTO public.audit_payload (commitment, salt, body) VALUES (said, salt, body);
    INSERT INTO public.audit_entry (stream, at, actor, action, subject, commitment)
        VALUES (of_stream, clock_timestamp(), 'system', 'audit.erased', 'entry:' || of_seq, said)
        RETURNING seq INTO said_at;
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
        migrations.RunSQL(SEAL + KEEP + ERASE, UNDO),
        migrations.RunSQL(RIGHTS.as_string(), migrations.RunSQL.noop),
    ]
