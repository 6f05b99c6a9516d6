"""Revisions never change; minutes from before have their narrative as the first."""

from django.db import migrations

from committee.migrations._guards import never_changes

FIRST = """
INSERT INTO office_minutesrevision (minutes_id, number, narrative, digest, saved_by_id, saved_at)
SELECT id, 1, narrative, digest, drafted_by_id, drafted_at FROM office_minutes ORDER BY id;
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0006_minutes_revisions"), ("committee", "0002_guards")]

    operations = [
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        never_changes("office_minutesrevision"),
    ]
