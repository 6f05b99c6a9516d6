"""What approved plans waive and schedule, for the lists behind the figures."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from psycopg import sql

never_changes = import_module("committee.migrations.0002_guards").never_changes

KEEP = r"""
CREATE FUNCTION public.proposals_keep_instalments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.proposals_dueinstalment (proposal_id, due_on, amount)
    SELECT plan.id, (part ->> 'due_on')::date, (part ->> 'principal')::numeric + (part ->> 'interest')::numeric
    FROM public.proposals_proposal AS plan JOIN public.proposals_planversion AS version
            ON version.id = plan.version_id,
        jsonb_array_elements(version.document -> 'schedule') AS part
    WHERE plan.id = NEW.proposal_id;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION public.proposals_keep_instalments() FROM PUBLIC;
CREATE TRIGGER proposals_instalments_kept AFTER INSERT ON public.proposals_creditdecision
    FOR EACH ROW WHEN (NEW.approved) EXECUTE FUNCTION public.proposals_keep_instalments();
ALTER TABLE public.proposals_creditdecision ENABLE ALWAYS TRIGGER proposals_instalments_kept;
"""
UNDO = """
DROP TRIGGER proposals_instalments_kept ON public.proposals_creditdecision;
DROP FUNCTION public.proposals_keep_instalments();
"""
RIGHTS = sql.SQL(
    """
REVOKE ALL ON public.proposals_dueinstalment FROM PUBLIC, {app};
GRANT SELECT ON public.proposals_dueinstalment TO {app};
"""
).format(app=sql.Identifier(settings.APP_ROLE))
FILL = """
ALTER TABLE proposals_creditdecision DISABLE TRIGGER proposals_creditdecision_never_changes;
UPDATE proposals_creditdecision AS decision SET waived = given.waived FROM (
    SELECT plan.id, (version.document #>> '{concessions,interest_waived}')::numeric(20, 2)
        + (version.document #>> '{concessions,penalty_waived}')::numeric(20, 2)
        + (version.document #>> '{concessions,principal_waived}')::numeric(20, 2) AS waived
    FROM proposals_proposal AS plan JOIN proposals_planversion AS version ON version.id = plan.version_id
) AS given WHERE given.id = decision.proposal_id AND decision.approved AND given.waived > 0;
ALTER TABLE proposals_creditdecision ENABLE ALWAYS TRIGGER proposals_creditdecision_never_changes;
INSERT INTO proposals_dueinstalment (proposal_id, due_on, amount)
    SELECT plan.id, (part ->> 'due_on')::date, (part ->> 'principal')::numeric + (part ->> 'interest')::numeric
    FROM proposals_creditdecision AS decision
        JOIN proposals_proposal AS plan ON plan.id = decision.proposal_id
        JOIN proposals_planversion AS version ON version.id = plan.version_id,
        jsonb_array_elements(version.document -> 'schedule') AS part
    WHERE decision.approved;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0012_exceptions"),
        ("proposals", "0007_figures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DueInstalment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_on", models.DateField(verbose_name="due on")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=24, verbose_name="amount")),
            ],
            options={
                "verbose_name": "instalment",
                "verbose_name_plural": "instalments",
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.AddField(
            model_name="creditdecision",
            name="waived",
            field=models.DecimalField(decimal_places=2, default=0, max_digits=20, verbose_name="waived"),
        ),
        migrations.AddIndex(
            model_name="creditdecision",
            index=models.Index(
                condition=models.Q(("waived__gt", 0)), fields=["at"], name="credit_decisions_waiving"
            ),
        ),
        migrations.AddField(
            model_name="dueinstalment",
            name="proposal",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="instalments",
                to="proposals.proposal",
                verbose_name="proposal",
            ),
        ),
        migrations.AddIndex(
            model_name="dueinstalment",
            index=models.Index(
                fields=["proposal", "due_on"], include=("amount",), name="instalments_of_a_plan"
            ),
        ),
        never_changes("proposals_dueinstalment"),
        migrations.RunSQL(KEEP, UNDO),
        migrations.RunSQL(RIGHTS.as_string(), migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
