"""Readings of the materials, which never change (Art. 10)."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

never_changes = import_module("committee.migrations.0002_guards").never_changes


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0003_people_reached"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the materials")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="committee.agendaitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "proxy",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.proxy",
                        verbose_name="proxy",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading of the materials",
                "verbose_name_plural": "readings of the materials",
                "ordering": ["at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "person", "digest"), name="materials_are_read_once"
                    )
                ],
            },
        ),
        never_changes("committee_reading"),
    ]
