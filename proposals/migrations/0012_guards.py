"""Dockets, tablings and attachments never change."""

from importlib import import_module

from django.db import migrations

never_changes = import_module("committee.migrations.0002_guards").never_changes


class Migration(migrations.Migration):
    dependencies = [("proposals", "0011_identifiers_found"), ("committee", "0002_guards")]

    operations = [
        never_changes(table) for table in ("proposals_docket", "proposals_tabling", "proposals_attachment")
    ]
