"""What lists name and sort by, and the words of plans for the search."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

# A text is found by its characters and their pairs, as numbers: code point, or both code points folded into one.
# Both sides of a search go through this function; spaces part words and are in no pair.
SEARCH = r"""
CREATE FUNCTION bigrams(words text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT unnest(ARRAY[
            ascii(c),
            ((ascii(c)::bigint * 65537 + ascii(lead(c) OVER (ORDER BY n))) & 2147483647)::integer
        ]) AS gram, c, lead(c) OVER (ORDER BY n) AS following
        FROM string_to_table(lower(normalize(words, NFKC)), NULL) WITH ORDINALITY AS t(c, n)
    ) AS grams
    WHERE gram IS NOT NULL AND c !~ '\s' AND (gram = ascii(c) OR following !~ '\s')
$$;
-- every text of a plan that is no mere number, a line each
CREATE FUNCTION plan_words(document jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(normalize(string_agg(said #>> '{}', E'\n'), NFKC), '') FROM jsonb_path_query(
        document, 'strict $.** ? (@.type() == "string" && !(@ like_regex "^[0-9.-]*$"))'
    ) AS said
$$;
CREATE FUNCTION proposals_index_text() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    said text := plan_words(NEW.document);
BEGIN
    INSERT INTO proposals_plantext (version_id, words, grams) VALUES (NEW.id, said, bigrams(said));
    RETURN NULL;
END $$;
CREATE TRIGGER proposals_text_indexed AFTER INSERT ON proposals_planversion
    FOR EACH ROW EXECUTE FUNCTION proposals_index_text();
ALTER TABLE proposals_planversion ENABLE ALWAYS TRIGGER proposals_text_indexed;
"""
UNDO = """
DROP TRIGGER proposals_text_indexed ON proposals_planversion;
DROP FUNCTION proposals_index_text();
DROP FUNCTION plan_words(jsonb);
DROP FUNCTION bigrams(text);
"""

# What was submitted last is in the log; what is owed, in the plan that lists name.
FILL = """
INSERT INTO proposals_plantext (version_id, words, grams)
    SELECT id, words, bigrams(words) FROM (
        SELECT id, plan_words(document) AS words FROM proposals_planversion
    ) AS version;
UPDATE proposals_proposal AS proposal SET submitted_version_id = version.id
    FROM (
        SELECT DISTINCT ON (entry.stream) entry.stream,
            (convert_from(payload.body, 'UTF8')::jsonb ->> 'version')::integer AS number
        FROM audit_entry AS entry JOIN audit_payload AS payload USING (commitment)
        WHERE entry.action = 'submit' ORDER BY entry.stream, entry.seq DESC
    ) AS submitted, proposals_planversion AS version
    WHERE submitted.stream = 'proposal:' || proposal.id
        AND version.proposal_id = proposal.id AND version.number = submitted.number;
UPDATE proposals_proposal AS proposal SET owed = (
        SELECT coalesce(sum(
            coalesce((loan ->> 'principal')::numeric, 0) + coalesce((loan ->> 'interest_on_balance')::numeric, 0)
            + coalesce((loan ->> 'interest_off_balance')::numeric, 0) + coalesce((loan ->> 'penalty')::numeric, 0)
        ), 0) FROM jsonb_array_elements(coalesce(version.document -> 'loans', '[]')) AS loan
    )
    FROM proposals_planversion AS version
    WHERE version.id = coalesce(proposal.submitted_version_id, proposal.version_id);
-- an index is not made while a deferred constraint has still to be checked
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0004_readings"),
        ("audit", "0002_seal"),
        ("proposals", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanText",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="proposals.planversion",
                        verbose_name="version",
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
                "verbose_name": "text of a plan",
                "verbose_name_plural": "texts of plans",
            },
        ),
        migrations.AddField(
            model_name="proposal",
            name="owed",
            field=models.DecimalField(decimal_places=2, default=0, max_digits=24, verbose_name="owed"),
        ),
        migrations.AddField(
            model_name="proposal",
            name="submitted_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="proposals.planversion",
                verbose_name="submitted version",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(models.F("state_since"), models.F("id"), name="proposals_by_state_since"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("committee"),
                models.F("state_since"),
                models.F("id"),
                name="proposals_of_committee_since",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("unit"), models.F("state_since"), models.F("id"), name="proposals_of_unit_since"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                models.F("state"), models.F("state_since"), models.F("id"), name="proposals_in_state_since"
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(models.F("owed"), models.F("id"), name="proposals_by_owed"),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce(
                    django.db.models.expressions.CombinedExpression(
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.functions.comparison.Cast("year", models.BigIntegerField()),
                            "*",
                            models.Value(1000000000),
                        ),
                        "+",
                        models.F("number"),
                    ),
                    models.Value(0),
                    output_field=models.BigIntegerField(),
                ),
                models.F("id"),
                name="proposals_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                django.db.models.functions.text.Left("borrower", 40),
                models.F("id"),
                name="proposals_by_borrower",
            ),
        ),
        migrations.AddIndex(
            model_name="plantext",
            index=django.contrib.postgres.indexes.GinIndex(models.F("grams"), name="plan_texts_by_grams"),
        ),
        migrations.RunSQL(SEARCH, UNDO),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
