"""Resubmissions, which are few, in the order of the list."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0012_exceptions"),
        ("proposals", "0008_instalments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("state_since"),
                models.F("id"),
                condition=models.Q(("resubmission", True)),
                name="proposals_resubmitted",
            ),
        ),
    ]
