"""What figures and the board are added up from, kept by triggers; credit decisions never change."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from psycopg import sql

never_changes = import_module("committee.migrations.0002_guards").never_changes

# What a plan adds to the figures, by kind and month, in the zone of its committee; nothing before it is submitted.
# An instalment of a terminated plan counts until its termination. One truth: the triggers, the recount, the tests.
OF_A_PLAN = r"""
CREATE FUNCTION public.proposals_figures_of(plan public.proposals_proposal)
RETURNS TABLE (kind text, month date, days integer, number bigint, amount numeric)
LANGUAGE sql STABLE AS $$
    SELECT fact.kind, pg_catalog.date_trunc('month', fact.day)::date, fact.days, sum(fact.number), sum(fact.amount)
    FROM public.committee_committee AS committee CROSS JOIN LATERAL (
        SELECT 'submitted' AS kind, (plan.submitted_at AT TIME ZONE committee.timezone)::date AS day,
            NULL::integer AS days, 1 AS number, 0::numeric AS amount
        UNION ALL
        SELECT CASE plan.state WHEN 'rejected' THEN 'rejected' ELSE 'carried' END,
            (plan.resolved_at AT TIME ZONE committee.timezone)::date,
            (plan.resolved_at AT TIME ZONE committee.timezone)::date
                - (plan.submitted_at AT TIME ZONE committee.timezone)::date,
            1, 0
        WHERE plan.resolved_at IS NOT NULL
        UNION ALL
        SELECT 'waived', (decision.at AT TIME ZONE committee.timezone)::date, NULL, 1,
            (version.document #>> '{concessions,interest_waived}')::numeric(20, 2)
                + (version.document #>> '{concessions,penalty_waived}')::numeric(20, 2)
                + (version.document #>> '{concessions,principal_waived}')::numeric(20, 2)
        FROM public.proposals_creditdecision AS decision, public.proposals_planversion AS version
        WHERE decision.proposal_id = plan.id AND decision.approved AND version.id = plan.version_id
        UNION ALL
        SELECT 'planned', (part ->> 'due_on')::date, NULL, 1,
            (part ->> 'principal')::numeric + (part ->> 'interest')::numeric
        FROM public.proposals_creditdecision AS decision, public.proposals_planversion AS version,
            pg_catalog.jsonb_array_elements(version.document -> 'schedule') AS part
        WHERE decision.proposal_id = plan.id AND decision.approved AND version.id = plan.version_id
            AND (plan.state <> 'terminated'
                OR (part ->> 'due_on')::date <= (plan.state_since AT TIME ZONE committee.timezone)::date)
        UNION ALL
        SELECT 'received', receipt.received_on, NULL, 1, receipt.amount
        FROM public.proposals_receipt AS receipt WHERE receipt.proposal_id = plan.id
    ) AS fact
    WHERE committee.id = plan.committee_id AND plan.submitted_at IS NOT NULL AND fact.amount IS NOT NULL
    GROUP BY 1, 2, 3
$$;
"""

# Rows are only added, so that nobody waits for another's row; folding makes one row of those of the same key.
KEEP = r"""
CREATE FUNCTION public.proposals_keep_figures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.proposals_statecount (committee_id, unit_id, state, submitted, filed, resolved, number)
    SELECT committee, unit, state, submitted, filed, resolved, sum(sign) FROM (
        SELECT OLD.committee_id AS committee, OLD.unit_id AS unit, OLD.state AS state,
            OLD.submitted_at IS NOT NULL AS submitted, OLD.filed_at IS NOT NULL AS filed,
            OLD.resolved_at IS NOT NULL AS resolved, -1 AS sign
        UNION ALL
        SELECT NEW.committee_id, NEW.unit_id, NEW.state,
            NEW.submitted_at IS NOT NULL, NEW.filed_at IS NOT NULL, NEW.resolved_at IS NOT NULL, 1
    ) AS moved
    WHERE committee IS NOT NULL
    GROUP BY committee, unit, state, submitted, filed, resolved HAVING sum(sign) <> 0;
    INSERT INTO public.proposals_monthfigure (committee_id, unit_id, kind, month, days, number, amount)
    SELECT committee, unit, kind, month, days, sum(number), sum(amount) FROM (
        SELECT OLD.committee_id AS committee, CASE WHEN OLD.filed_at IS NULL THEN OLD.unit_id END AS unit,
            kind, month, days, -number AS number, -amount AS amount
        FROM public.proposals_figures_of(OLD)
        UNION ALL
        SELECT NEW.committee_id, CASE WHEN NEW.filed_at IS NULL THEN NEW.unit_id END,
            kind, month, days, number, amount
        FROM public.proposals_figures_of(NEW)
    ) AS moved
    GROUP BY committee, unit, kind, month, days HAVING sum(number) <> 0 OR sum(amount) <> 0;
    RETURN NULL;
END
$$;
CREATE FUNCTION public.proposals_add_figures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'proposals_receipt' THEN
        INSERT INTO public.proposals_monthfigure (committee_id, unit_id, kind, month, number, amount)
        SELECT plan.committee_id, CASE WHEN plan.filed_at IS NULL THEN plan.unit_id END, 'received',
            date_trunc('month', NEW.received_on)::date, 1, NEW.amount
        FROM public.proposals_proposal AS plan WHERE plan.id = NEW.proposal_id AND plan.submitted_at IS NOT NULL;
    ELSE
        INSERT INTO public.proposals_monthfigure (committee_id, unit_id, kind, month, days, number, amount)
        SELECT plan.committee_id, CASE WHEN plan.filed_at IS NULL THEN plan.unit_id END, figure.*
        FROM public.proposals_proposal AS plan CROSS JOIN LATERAL public.proposals_figures_of(plan) AS figure
        WHERE plan.id = NEW.proposal_id AND figure.kind IN ('waived', 'planned');
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION public.proposals_fold_figures() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH several AS (
        SELECT unnest(array_agg(id)) AS id FROM public.proposals_monthfigure
        GROUP BY committee_id, unit_id, kind, month, days
        HAVING count(*) > 1 OR (sum(number) = 0 AND sum(amount) = 0)
    ), gone AS (
        DELETE FROM public.proposals_monthfigure AS figure USING several WHERE figure.id = several.id
        RETURNING figure.*
    )
    INSERT INTO public.proposals_monthfigure (committee_id, unit_id, kind, month, days, number, amount)
    SELECT committee_id, unit_id, kind, month, days, sum(number), sum(amount) FROM gone
    GROUP BY committee_id, unit_id, kind, month, days HAVING sum(number) <> 0 OR sum(amount) <> 0;
    WITH several AS (
        SELECT unnest(array_agg(id)) AS id FROM public.proposals_statecount
        GROUP BY committee_id, unit_id, state, submitted, filed, resolved
        HAVING count(*) > 1 OR sum(number) = 0
    ), gone AS (
        DELETE FROM public.proposals_statecount AS count USING several WHERE count.id = several.id
        RETURNING count.*
    )
    INSERT INTO public.proposals_statecount (committee_id, unit_id, state, submitted, filed, resolved, number)
    SELECT committee_id, unit_id, state, submitted, filed, resolved, sum(number) FROM gone
    GROUP BY committee_id, unit_id, state, submitted, filed, resolved HAVING sum(number) <> 0;
$$;
CREATE FUNCTION public.proposals_recount_figures() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- whoever is about to add to the figures is waited for, and waits
    LOCK TABLE public.proposals_proposal, public.proposals_creditdecision, public.proposals_receipt
        IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM public.proposals_statecount;
    DELETE FROM public.proposals_monthfigure;
    INSERT INTO public.proposals_statecount (committee_id, unit_id, state, submitted, filed, resolved, number)
    SELECT committee_id, unit_id, state, submitted_at IS NOT NULL, filed_at IS NOT NULL, resolved_at IS NOT NULL,
        count(*)
    FROM public.proposals_proposal GROUP BY 1, 2, 3, 4, 5, 6;
    INSERT INTO public.proposals_monthfigure (committee_id, unit_id, kind, month, days, number, amount)
    SELECT plan.committee_id, CASE WHEN plan.filed_at IS NULL THEN plan.unit_id END,
        figure.kind, figure.month, figure.days, sum(figure.number), sum(figure.amount)
    FROM public.proposals_proposal AS plan CROSS JOIN LATERAL public.proposals_figures_of(plan) AS figure
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(figure.number) <> 0 OR sum(figure.amount) <> 0;
END
$$;
CREATE FUNCTION public.proposals_figures_in_a_new_zone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM public.proposals_recount_figures();
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION public.proposals_figures_of(public.proposals_proposal), public.proposals_keep_figures(),
    public.proposals_add_figures(), public.proposals_fold_figures(), public.proposals_recount_figures(),
    public.proposals_figures_in_a_new_zone() FROM PUBLIC;

CREATE TRIGGER proposals_figures_begun AFTER INSERT OR DELETE ON public.proposals_proposal
    FOR EACH ROW EXECUTE FUNCTION public.proposals_keep_figures();
CREATE TRIGGER proposals_figures_kept AFTER UPDATE ON public.proposals_proposal
    FOR EACH ROW WHEN (
        (OLD.committee_id, OLD.unit_id, OLD.state, OLD.submitted_at, OLD.filed_at, OLD.resolved_at, OLD.version_id)
        IS DISTINCT FROM
        (NEW.committee_id, NEW.unit_id, NEW.state, NEW.submitted_at, NEW.filed_at, NEW.resolved_at, NEW.version_id)
        OR (NEW.state = 'terminated' AND NEW.state_since IS DISTINCT FROM OLD.state_since)
    ) EXECUTE FUNCTION public.proposals_keep_figures();
CREATE TRIGGER proposals_figures_approved AFTER INSERT ON public.proposals_creditdecision
    FOR EACH ROW EXECUTE FUNCTION public.proposals_add_figures();
CREATE TRIGGER proposals_figures_received AFTER INSERT ON public.proposals_receipt
    FOR EACH ROW EXECUTE FUNCTION public.proposals_add_figures();
CREATE TRIGGER proposals_figures_in_a_new_zone AFTER UPDATE OF timezone ON public.committee_committee
    FOR EACH ROW WHEN (OLD.timezone IS DISTINCT FROM NEW.timezone)
    EXECUTE FUNCTION public.proposals_figures_in_a_new_zone();
ALTER TABLE public.proposals_proposal ENABLE ALWAYS TRIGGER proposals_figures_begun;
ALTER TABLE public.proposals_proposal ENABLE ALWAYS TRIGGER proposals_figures_kept;
ALTER TABLE public.proposals_creditdecision ENABLE ALWAYS TRIGGER proposals_figures_approved;
ALTER TABLE public.proposals_receipt ENABLE ALWAYS TRIGGER proposals_figures_received;
ALTER TABLE public.committee_committee ENABLE ALWAYS TRIGGER proposals_figures_in_a_new_zone;
"""
UNDO = """
DROP TRIGGER proposals_figures_in_a_new_zone ON public.committee_committee;
DROP TRIGGER proposals_figures_received ON public.proposals_receipt;
DROP TRIGGER proposals_figures_approved ON public.proposals_creditdecision;
DROP TRIGGER proposals_figures_kept ON public.proposals_proposal;
DROP TRIGGER proposals_figures_begun ON public.proposals_proposal;
DROP FUNCTION public.proposals_figures_in_a_new_zone();
DROP FUNCTION public.proposals_recount_figures();
DROP FUNCTION public.proposals_fold_figures();
DROP FUNCTION public.proposals_add_figures();
DROP FUNCTION public.proposals_keep_figures();
DROP FUNCTION public.proposals_figures_of(public.proposals_proposal);
"""

# The application reads what is kept and lets it be folded; the triggers write.
RIGHTS = sql.SQL(
    """
REVOKE ALL ON public.proposals_monthfigure, public.proposals_statecount FROM PUBLIC, {app};
GRANT SELECT ON public.proposals_monthfigure, public.proposals_statecount TO {app};
GRANT EXECUTE ON FUNCTION public.proposals_fold_figures() TO {app};
"""
).format(app=sql.Identifier(settings.APP_ROLE))

FILL = """
SELECT public.proposals_recount_figures();
-- an index is not made while a deferred constraint has still to be checked
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("committee", "0011_opinions_taken_down"),
        ("proposals", "0006_credit_decisions_by_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="StateCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned for completion"),
                            ("screened_out", "Screened out"),
                            ("shortlisted", "Shortlisted"),
                            ("filed", "Filed with head office"),
                            ("tabled", "On the agenda"),
                            ("voting", "Vote open"),
                            ("carried", "Carried"),
                            ("rejected", "Not carried"),
                            ("credit_approved", "Credit approved"),
                            ("credit_declined", "Credit declined"),
                            ("executing", "In execution"),
                            ("completed", "Completed"),
                            ("terminated", "Terminated"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=50,
                        verbose_name="state",
                    ),
                ),
                ("submitted", models.BooleanField(verbose_name="already submitted")),
                ("filed", models.BooleanField(verbose_name="already filed")),
                ("resolved", models.BooleanField(verbose_name="already resolved")),
                ("number", models.BigIntegerField(verbose_name="number")),
                (
                    "committee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "plans in a state",
                "verbose_name_plural": "plans in states",
            },
        ),
        migrations.CreateModel(
            name="MonthFigure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("submitted", "Submitted"),
                            ("carried", "Carried"),
                            ("rejected", "Not carried"),
                            ("waived", "Waivers granted"),
                            ("planned", "Recovery planned"),
                            ("received", "Recovery received"),
                        ],
                        max_length=9,
                        verbose_name="figure",
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("days", models.IntegerField(null=True, verbose_name="days")),
                ("number", models.BigIntegerField(verbose_name="number")),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, default=0, max_digits=24, verbose_name="amount"),
                ),
                (
                    "committee",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.committee",
                        verbose_name="committee",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="committee.unit",
                        verbose_name="handling institution",
                    ),
                ),
            ],
            options={
                "verbose_name": "figure of a month",
                "verbose_name_plural": "figures of months",
                "indexes": [models.Index(models.F("month"), models.F("committee"), name="figures_by_month")],
            },
        ),
        never_changes("proposals_creditdecision"),
        migrations.RunSQL(OF_A_PLAN + KEEP, UNDO),
        migrations.RunSQL(RIGHTS.as_string(), migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
