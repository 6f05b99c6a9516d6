"""Interpretations never change; every committee founded before has its liaison's term."""

from importlib import import_module

from django.db import migrations

never_changes = import_module("committee.migrations.0002_guards").never_changes

APPOINTED = """
INSERT INTO committee_liaisonterm (committee_id, person_id, stand_in, since)
SELECT id, liaison_id, false, now() FROM committee_committee;
"""


class Migration(migrations.Migration):
    dependencies = [("committee", "0005_liaison_and_interpretations")]

    operations = [
        never_changes("committee_interpretation"),
        migrations.RunSQL(APPOINTED, migrations.RunSQL.noop),
    ]
