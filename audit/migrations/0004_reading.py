"""What reading a long log needs: an index for entries of one action, and one for what was written of late.

Each entry that is written pays for the first with one more place in a B-tree; the second (BRIN) keeps a few
bytes for sixteen pages of entries. The figures are in docs/decisions.md.
"""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_tree"),
    ]

    operations = [
        migrations.CreateModel(
            name="Examination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("entries", "Entries, payloads and rows"), ("tree", "Tree and checkpoints")],
                        max_length=8,
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("entries", models.BigIntegerField()),
                ("faults", models.JSONField(default=list)),
            ],
            options={"verbose_name": "examination", "verbose_name_plural": "examinations"},
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["action", "-at"], name="entries_by_action"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["recorded_at"], name="entries_by_recording", pages_per_range=16
            ),
        ),
        migrations.AddIndex(
            model_name="examination",
            index=models.Index(fields=["kind", "-began_at"], name="examinations_by_kind"),
        ),
    ]
