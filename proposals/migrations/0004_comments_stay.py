"""A comment stays as it was written, and so does the record of a reminder."""

from django.db import migrations

from committee.migrations._guards import never_changes


class Migration(migrations.Migration):
    dependencies = [("proposals", "0003_comments_and_reminders"), ("committee", "0002_guards")]

    operations = [never_changes("proposals_plancomment"), never_changes("proposals_instalmentreminder")]
