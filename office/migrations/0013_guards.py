"""A report to head office stays as it was sent; an entry of signing tells of minutes that were signed."""

from importlib import import_module

from django.db import migrations

stays = import_module("committee.migrations.0018_guards").stays

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
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION office_check_signed() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER office_signed AFTER INSERT ON audit_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.action = 'sign_minutes')
    EXECUTE FUNCTION office_check_signed();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER office_signed;
"""
UNDO = "DROP TRIGGER office_signed ON audit_entry; DROP FUNCTION office_check_signed();"


class Migration(migrations.Migration):
    dependencies = [("office", "0012_columns_of_sheets"), ("committee", "0018_guards")]

    operations = [
        stays("office_report", "received_at", "received_by_id"),
        migrations.RunSQL(SIGNED, UNDO),
    ]
