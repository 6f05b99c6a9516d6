import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("committee", "0001_initial"),
        ("office", "0001_initial"),
        ("proposals", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.CharField(max_length=64, verbose_name="nonce")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="digest of the token")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar feed",
                "verbose_name_plural": "calendar feeds",
            },
        ),
        migrations.CreateModel(
            name="MeetingText",
            fields=[
                ("words", models.TextField(verbose_name="words")),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="pairs of characters"
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="committee.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of a meeting",
                "verbose_name_plural": "texts of meetings",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(models.F("grams"), name="meeting_texts_by_grams")
                ],
            },
        ),
        migrations.CreateModel(
            name="MinutesText",
            fields=[
                ("words", models.TextField(verbose_name="words")),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="pairs of characters"
                    ),
                ),
                (
                    "minutes",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="office.minutes",
                        verbose_name="minutes",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of minutes",
                "verbose_name_plural": "texts of minutes",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(models.F("grams"), name="minutes_texts_by_grams")
                ],
            },
        ),
        migrations.CreateModel(
            name="ColumnName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table", models.CharField(max_length=20, verbose_name="table")),
                ("head", models.CharField(max_length=200, verbose_name="heading")),
                ("field", models.CharField(blank=True, max_length=40, verbose_name="field")),
                ("chosen_at", models.DateTimeField(verbose_name="chosen at")),
                (
                    "chosen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="chosen by",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "column of a sheet",
                "verbose_name_plural": "columns of sheets",
                "constraints": [
                    models.UniqueConstraint(fields=("unit", "table", "head"), name="a_column_is_chosen_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("revision", models.PositiveIntegerField(default=0, verbose_name="revision")),
                ("saved_at", models.DateTimeField(blank=True, null=True, verbose_name="saved at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "private note",
                "verbose_name_plural": "private notes",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "proposal"), name="one_note_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=20, verbose_name="step")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("typed", models.JSONField(verbose_name="typed")),
                ("at", models.DateTimeField(verbose_name="kept at")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="proposals.proposal",
                        verbose_name="proposal",
                    ),
                ),
            ],
            options={
                "verbose_name": "working copy",
                "verbose_name_plural": "working copies",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proposal", "person", "step"), name="one_working_copy_a_step_and_person"
                    )
                ],
            },
        ),
    ]
