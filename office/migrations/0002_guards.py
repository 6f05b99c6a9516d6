"""Signed minutes, copies, and the archive never change."""

from importlib import import_module

from django.db import migrations

never_changes = import_module("committee.migrations.0002_guards").never_changes

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

UNDO = """
DROP TRIGGER office_minutes_never_emptied ON office_minutes;
DROP TRIGGER office_minutes_checked ON office_minutes;
DROP FUNCTION office_check_minutes();
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(MINUTES, UNDO),
        never_changes("office_copy"),
        never_changes("office_archivefile"),
    ]
