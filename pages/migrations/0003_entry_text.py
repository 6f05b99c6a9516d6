"""What the entries of the audit log say, for the search.

No trigger writes it, so that an act pays nothing for it: a job does, each minute. What is found by pairs of
characters could tell of an erased payload, so the row goes with the payload, by a constraint of the database: it
also holds back a text that is being written while its payload is erased.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

#: characters of a payload that the search has
MOST = 20_000

# A line for each text of the payload, each once; digests, salts and numbers of rows are left out, and so is what the
# payload vouches for.
WORDS = rf"""
CREATE FUNCTION entry_words(body bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT left(coalesce(string_agg(DISTINCT said.line, E'\n'), ''), {MOST})
    FROM jsonb_path_query(
            convert_from(body, 'UTF8')::jsonb - 'stored', 'strict $.** ? (@.type() == "string")'
        ) AS text,
        LATERAL (SELECT normalize(text #>> '{{}}', NFKC) AS line) AS said
    WHERE said.line !~ '^([0-9a-f]{{16,}}|[0-9]{{1,8}}|[[:space:]]*)$'
$$;
ALTER TABLE pages_entrytext ADD CONSTRAINT entry_text_of_a_payload
    FOREIGN KEY (commitment) REFERENCES audit_payload (commitment) ON DELETE CASCADE;
"""  # noqa: S608 - one number is put in
NO_WORDS = """
ALTER TABLE pages_entrytext DROP CONSTRAINT entry_text_of_a_payload;
DROP FUNCTION entry_words(bytea);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_reading"),
        ("pages", "0002_guards"),
        ("proposals", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="EntriesRead",
            fields=[
                (
                    "stream",
                    models.TextField(
                        db_collation="C", primary_key=True, serialize=False, verbose_name="stream"
                    ),
                ),
                ("seq", models.BigIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "reading of a stream",
                "verbose_name_plural": "readings of streams",
            },
        ),
        migrations.CreateModel(
            name="EntryText",
            fields=[
                ("words", models.TextField(verbose_name="words")),
                (
                    "grams",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None, verbose_name="pairs of characters"
                    ),
                ),
                (
                    "payload",
                    models.OneToOneField(
                        db_column="commitment",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="audit.payload",
                        verbose_name="payload",
                    ),
                ),
                ("stream", models.TextField(db_collation="C", verbose_name="stream")),
                ("seq", models.BigIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "text of an entry",
                "verbose_name_plural": "texts of entries",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(models.F("grams"), name="entry_texts_by_grams")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "seq"), name="one_text_of_an_entry")
                ],
            },
        ),
        migrations.RunSQL(WORDS, NO_WORDS),
    ]
