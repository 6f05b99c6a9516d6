"""Versions of plans, their contracts and comparisons, and the docket never change."""

from importlib import import_module

from django.db import migrations

never_changes = import_module("committee.migrations.0002_guards").never_changes


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("committee", "0002_guards")]

    operations = [
        never_changes(table)
        for table in (
            "proposals_planversion",
            "proposals_plancontract",
            "proposals_comparison",
            "proposals_docketentry",
            "proposals_receipt",
        )
    ]
