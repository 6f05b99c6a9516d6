"""Minutes are signed once, and so they are told."""

from importlib import import_module

from django.db import migrations

before = import_module("office.migrations.0013_guards")

SIGNED = """
CREATE OR REPLACE FUNCTION office_check_signed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
"""
UNDO = f"""
DROP TRIGGER office_signed ON audit_entry;
DROP FUNCTION office_check_signed();
{before.SIGNED}
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0015_fours_of_characters")]

    operations = [migrations.RunSQL(SIGNED, UNDO)]
