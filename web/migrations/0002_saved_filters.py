"""Filters that people save of lists, and the exports that their schedules ask for."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("listing", models.CharField(max_length=40, verbose_name="list")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("address", models.TextField(blank=True, verbose_name="filters")),
                (
                    "every",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not exported"),
                            ("day", "Every day"),
                            ("week", "Every Monday"),
                            ("month", "On the first of each month"),
                        ],
                        max_length=5,
                        verbose_name="exported",
                    ),
                ),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="next export on")),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved filter",
                "verbose_name_plural": "saved filters",
            },
        ),
        migrations.AddField(
            model_name="export",
            name="saved",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exports",
                to="web.savedfilter",
                verbose_name="saved filter",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedfilter",
            constraint=models.UniqueConstraint(
                fields=("person", "listing", "name"), name="one_saved_filter_a_name"
            ),
        ),
    ]
