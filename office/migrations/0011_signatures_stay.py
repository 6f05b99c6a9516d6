"""Signatures never change; a signed file that is in effect, or ended, stays as it is."""

from django.db import migrations

from committee.migrations._guards import never_changes, stays

FILES = """
CREATE FUNCTION office_check_minutes_file() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.effective_at IS NOT NULL OR OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'signed minutes never change (Art. 21)' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER office_minutesfile_checked BEFORE UPDATE ON office_minutesfile
    FOR EACH ROW EXECUTE FUNCTION office_check_minutes_file();
ALTER TABLE office_minutesfile ENABLE ALWAYS TRIGGER office_minutesfile_checked;
"""
NO_FILES = """
DROP TRIGGER office_minutesfile_checked ON office_minutesfile;
DROP FUNCTION office_check_minutes_file();
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0010_signing"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(FILES, NO_FILES),
        stays("office_minutesfile", "sha256*", "size*", "ended_at", "effective_at"),
        never_changes("office_minutessignature"),
        stays("office_signerkey", "wrong*", "locked_at", "withdrawn_at"),
    ]
