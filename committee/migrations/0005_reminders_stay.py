"""Reminders never change."""

from django.db import migrations

from committee.migrations._guards import never_changes


class Migration(migrations.Migration):
    dependencies = [("committee", "0004_reminders"), ("committee", "0002_guards")]

    operations = [never_changes("committee_reminder")]
