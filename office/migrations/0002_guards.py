"""Signed minutes, copies and the archive never change; a report to head office stays as it was sent."""

from django.db import migrations

from committee.migrations._guards import never_changes, stays

MINUTES = """
CREATE FUNCTION office_check_minutes() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.state = 'signed' THEN
        RAISE EXCEPTION 'signed minutes never change (Art. 21)' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER office_minutes_checked BEFORE UPDATE OR DELETE ON office_minutes
    FOR EACH ROW EXECUTE FUNCTION office_check_minutes();
CREATE TRIGGER office_minutes_never_emptied BEFORE TRUNCATE ON office_minutes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE office_minutes ENABLE ALWAYS TRIGGER office_minutes_checked;
ALTER TABLE office_minutes ENABLE ALWAYS TRIGGER office_minutes_never_emptied;
"""
NO_MINUTES = """
DROP TRIGGER office_minutes_never_emptied ON office_minutes;
DROP TRIGGER office_minutes_checked ON office_minutes;
DROP FUNCTION office_check_minutes();
"""

# An entry of signing tells of minutes that were signed; they are signed once, and so they are told.
SIGNED = """
CREATE FUNCTION office_check_signed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM office_minutes m
        WHERE 'minutes:' || m.id = NEW.subject AND 'meeting:' || m.meeting_id = NEW.stream
            AND m.state = 'signed' AND m.signed_by_id::text = NEW.actor
    ) THEN
        RAISE EXCEPTION 'entry refused: % were not signed by %', NEW.subject, NEW.actor
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (
        SELECT count(*) FROM audit_entry entry
        WHERE entry.stream = NEW.stream AND entry.action = NEW.action AND entry.subject = NEW.subject
    ) > 1 THEN
        RAISE EXCEPTION 'entry refused: % on % is told already', NEW.action, NEW.subject
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION office_check_signed() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER office_signed AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.action = 'sign_minutes')
    EXECUTE FUNCTION office_check_signed();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER office_signed;
"""
NOT_SIGNED = "DROP TRIGGER office_signed ON audit_entry; DROP FUNCTION office_check_signed();"


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(MINUTES, NO_MINUTES),
        migrations.RunSQL(SIGNED, NOT_SIGNED),
        never_changes("office_archivefile"),
        never_changes("office_copy"),
        stays("office_report", "received_at", "received_by_id"),
    ]
