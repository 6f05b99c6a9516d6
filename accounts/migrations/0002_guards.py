"""The register of sign-ins is written and, after a month at the earliest, forgotten.

A line counts further tries and says nothing else than it said.
"""

from django.db import migrations

REGISTER = """
CREATE FUNCTION accounts_keep_sign_in() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at > clock_timestamp() - interval '30 days' THEN
            RAISE EXCEPTION 'a sign-in is kept for thirty days' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.id, NEW.at, NEW.person_id, NEW.login, NEW.outcome, NEW.asked, NEW.address, NEW.device, NEW.known)
        IS DISTINCT FROM
        (OLD.id, OLD.at, OLD.person_id, OLD.login, OLD.outcome, OLD.asked, OLD.address, OLD.device, OLD.known)
        OR NEW.times < OLD.times THEN
        RAISE EXCEPTION 'a sign-in never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION accounts_never_empty_sign_ins() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'sign-ins are kept' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER accounts_sign_in_kept BEFORE UPDATE OR DELETE ON accounts_signin
    FOR EACH ROW EXECUTE FUNCTION accounts_keep_sign_in();
CREATE TRIGGER accounts_sign_ins_never_emptied BEFORE TRUNCATE ON accounts_signin
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_never_empty_sign_ins();
ALTER TABLE accounts_signin ENABLE ALWAYS TRIGGER accounts_sign_in_kept;
ALTER TABLE accounts_signin ENABLE ALWAYS TRIGGER accounts_sign_ins_never_emptied;
"""
UNDO = """
DROP TRIGGER accounts_sign_ins_never_emptied ON accounts_signin;
DROP TRIGGER accounts_sign_in_kept ON accounts_signin;
DROP FUNCTION accounts_never_empty_sign_ins();
DROP FUNCTION accounts_keep_sign_in();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(REGISTER, UNDO)]
