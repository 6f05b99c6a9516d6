"""The words of minutes for the search, and exports."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SEARCH = """
CREATE FUNCTION office_index_minutes() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    said text := normalize(NEW.narrative, NFKC);
BEGIN
    INSERT INTO office_minutestext (minutes_id, words, grams) VALUES (NEW.id, said, bigrams(said))
        ON CONFLICT (minutes_id) DO UPDATE SET words = excluded.words, grams = excluded.grams;
    RETURN NULL;
END $$;
CREATE TRIGGER office_minutes_indexed AFTER INSERT OR UPDATE OF narrative ON office_minutes
    FOR EACH ROW EXECUTE FUNCTION office_index_minutes();
ALTER TABLE office_minutes ENABLE ALWAYS TRIGGER office_minutes_indexed;
INSERT INTO office_minutestext (minutes_id, words, grams)
    SELECT id, normalize(narrative, NFKC), bigrams(narrative) FROM office_minutes;
"""
UNDO = """
DROP TRIGGER office_minutes_indexed ON office_minutes;
DROP FUNCTION office_index_minutes();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("office", "0005_working_copy"),
        ("proposals", "0003_lists_and_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MinutesText",
            fields=[
                (
                    "minutes",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="office.minutes",
                        verbose_name="minutes",
                    ),
                ),
                ("words", models.TextField(verbose_name="words")),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="pairs of characters"
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
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("listing", models.CharField(max_length=40, verbose_name="list")),
                ("address", models.TextField(blank=True, verbose_name="filters")),
                ("language", models.CharField(max_length=12, verbose_name="language")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "In preparation"), ("done", "Ready"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("written", models.PositiveIntegerField(default=0, verbose_name="rows written")),
                ("rows", models.PositiveIntegerField(null=True, verbose_name="rows")),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for at")),
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
                "verbose_name": "export",
                "verbose_name_plural": "exports",
            },
        ),
        migrations.RunSQL(SEARCH, UNDO),
    ]
