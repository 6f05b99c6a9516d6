"""What was assigned stays as it was assigned, and so does each step of it."""

from django.db import migrations

from committee.migrations._guards import never_changes, stays


class Migration(migrations.Migration):
    dependencies = [("office", "0016_follow_ups"), ("committee", "0002_guards")]

    operations = [
        stays("office_followup", "owner_id*", "due_on*", "reported_at*", "confirmed_by_id", "confirmed_at"),
        never_changes("office_followupstep"),
    ]
