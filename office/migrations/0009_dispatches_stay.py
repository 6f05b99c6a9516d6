"""What was sent stays as it was sent, and so does its receipt."""

from django.db import migrations

from committee.migrations._guards import stays


class Migration(migrations.Migration):
    dependencies = [("office", "0008_dispatches"), ("committee", "0002_guards")]

    operations = [
        stays("office_dispatch", "sha256", "size", "sent_at", "tries*", "failure*", "tried_at*"),
        stays("office_dispatchreceipt", "acknowledged_by_id", "acknowledged_at"),
    ]
