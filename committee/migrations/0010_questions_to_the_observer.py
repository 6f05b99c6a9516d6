"""Questions to the observer and the answers, which never change (Art. 19)."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

never_changes = import_module("committee.migrations.0002_guards").never_changes


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0009_speaking_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="question to the observer")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="committee.agendaitem",
                        verbose_name="item",
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
                "verbose_name": "question to the observer",
                "verbose_name_plural": "questions to the observer",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="answer")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "taken_down_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken down by",
                    ),
                ),
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="committee.question",
                        verbose_name="question to the observer",
                    ),
                ),
            ],
            options={
                "verbose_name": "answer of the observer",
                "verbose_name_plural": "answers of the observer",
            },
        ),
        never_changes("committee_question"),
        never_changes("committee_answer"),
    ]
