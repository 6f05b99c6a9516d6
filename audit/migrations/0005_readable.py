"""Entries and payloads that whoever verifies or shows the log can read.

An entry cannot be removed, so one that a reader stumbles over would stop verifying, or a page, for good: a time
that no calendar has, a payload that is JSON for one reader and none for another, keys given twice, nesting
without end. The database refuses them, as it refuses what only its own functions say of the log (audit.*) from
anybody but its owner.
"""

from django.db import migrations

#: bytes of a payload: some five times what an entry holds that vouches for the rows of a table (CHUNK)
MOST_BYTES = 16 * 1024 * 1024
#: so deep at most does a payload nest
DEEPEST = 64

PAYLOAD = rf"""
CREATE OR REPLACE FUNCTION public.audit_check_payload() RETURNS trigger
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

# Before audit_seal, by their names: what is refused moves no head. A condition costs no call.
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

UNDO = """
DROP TRIGGER audit_own ON public.audit_entry;
DROP FUNCTION public.audit_own();
DROP TRIGGER audit_readable ON public.audit_entry;
DROP FUNCTION public.audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_vouched")]

    operations = [migrations.RunSQL(PAYLOAD + READABLE, UNDO)]
