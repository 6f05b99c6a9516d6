"""What auditors note of exceptions; a note never changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from committee.migrations._guards import never_changes


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0007_amendments"),
        ("office", "0017_follow_ups_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExceptionNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("of_kind", models.CharField(max_length=20, verbose_name="kind of exception")),
                ("matter", models.CharField(max_length=40, verbose_name="matter")),
                (
                    "kind",
                    models.CharField(
                        choices=[("note", "Note"), ("sign_off", "Signed off")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("cases", models.PositiveIntegerField(verbose_name="cases")),
                ("at", models.DateTimeField(verbose_name="written at")),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="bank",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "note on an exception",
                "verbose_name_plural": "notes on exceptions",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        models.F("bank"), models.F("matter"), models.F("of_kind"), name="notes_by_matter"
                    )
                ],
            },
        ),
        never_changes("office_exceptionnote"),
    ]
