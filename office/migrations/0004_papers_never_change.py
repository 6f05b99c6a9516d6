"""A paper that was drawn up never changes."""

from django.db import migrations

from committee.migrations._guards import never_changes


class Migration(migrations.Migration):
    dependencies = [("office", "0003_papers"), ("committee", "0002_guards")]

    operations = [never_changes("office_paper")]
