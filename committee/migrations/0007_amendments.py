"""Amendments as drafts; what one says never changes, and it ends once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from committee.migrations._guards import stays


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0006_meeting_state_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("changes", models.JSONField(verbose_name="changes")),
                ("effective_from", models.DateField(verbose_name="effective from")),
                ("reason", models.TextField(verbose_name="reason")),
                ("drafted_at", models.DateTimeField(verbose_name="drafted at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("discarded_at", models.DateTimeField(blank=True, null=True, verbose_name="discarded at")),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.regulationversion",
                        verbose_name="version changed",
                    ),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "discarded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="discarded by",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
                (
                    "version",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendment",
                        to="committee.regulationversion",
                        verbose_name="version made",
                    ),
                ),
            ],
            options={
                "verbose_name": "amendment of the regulation",
                "verbose_name_plural": "amendments of the regulation",
                "ordering": ["committee", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("committee", "number"), name="one_amendment_a_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("discarded_at", None), ("published_at", None)),
                        fields=("committee",),
                        name="one_waiting_amendment_a_committee",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by", None),
                            models.Q(("published_by", models.F("drafted_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="amendments_are_published_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("published_at", None), ("discarded_at", None), _connector="OR"),
                        name="amendments_end_once",
                    ),
                ],
            },
        ),
        stays(
            "committee_amendment",
            *("published_at", "published_by_id", "version_id", "discarded_at", "discarded_by_id"),
        ),
    ]
