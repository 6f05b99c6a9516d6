"""What is made of papers in the background (office/models/preparations.py)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0003_papers"),
        ("office", "0011_signatures_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preparation",
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
                        choices=[
                            ("drawing", "Papers being drawn up"),
                            ("copy", "Reading copy"),
                            ("bundle", "Files as a ZIP"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("zh-hans", "Chinese (simplified)")],
                        max_length=12,
                        verbose_name="language",
                    ),
                ),
                ("key", models.CharField(max_length=64, verbose_name="key")),
                ("papers", models.JSONField(default=list, verbose_name="papers")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "In preparation"), ("done", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="papers done")),
                ("total", models.PositiveIntegerField(verbose_name="papers in all")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for at")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "preparation of papers",
                "verbose_name_plural": "preparations of papers",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "failed"), _negated=True),
                        fields=("key",),
                        name="a_preparation_is_made_once",
                    )
                ],
            },
        ),
    ]
