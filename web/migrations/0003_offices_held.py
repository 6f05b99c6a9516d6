"""The offices with which an export was asked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0002_saved_filters"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="held",
            field=models.JSONField(default=list, verbose_name="offices held"),
        ),
    ]
