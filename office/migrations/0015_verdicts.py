"""How each decision was judged last; a resolution has its row from the moment on in which it stands."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

BEGUN = """
CREATE FUNCTION office_verdict_of_resolution() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.office_verdict
        (resolution_id, not_held, gaps, not_due, rank, judged_at, meeting_seq, proposal_seq)
    VALUES (NEW.id, '{}', '{}', '{}', 10000, NULL, 0, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER office_verdict AFTER INSERT ON committee_resolution
    FOR EACH ROW EXECUTE FUNCTION office_verdict_of_resolution();
ALTER TABLE committee_resolution ENABLE ALWAYS TRIGGER office_verdict;
INSERT INTO office_verdict (resolution_id, not_held, gaps, not_due, rank, judged_at, meeting_seq, proposal_seq)
SELECT id, '{}', '{}', '{}', 10000, NULL, 0, 0 FROM committee_resolution ORDER BY id;
"""
ENDED = """
DROP TRIGGER office_verdict ON committee_resolution;
DROP FUNCTION office_verdict_of_resolution();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0003_papers"),
        ("office", "0014_why_a_dispatch_failed"),
    ]

    operations = [
        migrations.AddField(
            model_name="preparation",
            name="resolution",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="committee.resolution",
                verbose_name="resolution",
            ),
        ),
        migrations.AlterField(
            model_name="preparation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("drawing", "Papers being drawn up"),
                    ("copy", "Reading copy"),
                    ("bundle", "Files as a ZIP"),
                    ("dossier", "Dossier of a decision"),
                ],
                max_length=8,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "not_held",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="articles not held",
                    ),
                ),
                (
                    "gaps",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="articles with gaps",
                    ),
                ),
                (
                    "not_due",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="articles not due yet",
                    ),
                ),
                ("rank", models.PositiveIntegerField(default=10000, verbose_name="rank")),
                ("judged_at", models.DateTimeField(blank=True, null=True, verbose_name="judged at")),
                (
                    "meeting_seq",
                    models.PositiveBigIntegerField(default=0, verbose_name="entries of the meeting"),
                ),
                (
                    "proposal_seq",
                    models.PositiveBigIntegerField(default=0, verbose_name="entries of the plan"),
                ),
                (
                    "resolution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.resolution",
                        verbose_name="resolution",
                    ),
                ),
            ],
            options={
                "verbose_name": "verdict on a decision",
                "verbose_name_plural": "verdicts on decisions",
                "indexes": [
                    models.Index(models.F("rank"), models.F("id"), name="verdicts_by_rank"),
                    models.Index(
                        models.OrderBy(models.F("judged_at"), nulls_first=True),
                        models.F("id"),
                        name="verdicts_by_age",
                    ),
                ],
            },
        ),
        migrations.RunSQL(BEGUN, ENDED),
    ]
