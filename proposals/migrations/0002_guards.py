"""What never changes of plans and dockets, the words of plans for the search, and what figures are added up from.

Triggers keep the words, the figures and the instalments, so that they hold whoever writes.
"""

from django.conf import settings
from django.db import migrations
from psycopg import sql

from committee.migrations._guards import never_changes
from regulation.text import DASHES, is_invisible

# A pair of digits is in nearly every plan; four characters are in few. What is four characters long or longer is
# looked for by its fours alone, what is shorter by its pairs, and one character by itself. Ones and pairs are
# numbers from 0 on; short lines of digits are -1 to -1000, and fours lie below.
GRAMS = r"""
CREATE FUNCTION grams_of(words text) RETURNS TABLE (one integer, two integer, four integer)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT pairs.one, pairs.two,
        CASE WHEN lead(pairs.two) OVER following IS NOT NULL THEN
            (-1001 - ((pairs.two * 1000003::bigint + lead(pairs.two, 2) OVER following) & 1073741823))::integer
        END
    FROM (
        SELECT n, code AS one, ((code * 65537::bigint + lead(code) OVER (ORDER BY n)) & 2147483647)::integer AS two
        FROM (
            SELECT n, CASE WHEN c !~ '\s' THEN ascii(c) END AS code
            FROM string_to_table(lower(normalize(words, NFKC)), NULL) WITH ORDINALITY AS t (c, n)
        ) AS chars
    ) AS pairs
    WINDOW following AS (ORDER BY n)
$$;
-- what the index has of a text
CREATE FUNCTION bigrams(words text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT unnest(ARRAY[one, two, four]) AS gram FROM grams_of(words)
        UNION ALL
        SELECT -1 - line::integer FROM string_to_table(normalize(words, NFKC), E'\n') AS line
        WHERE line ~ '^[0-9]{1,3}$'
    ) AS grams
    WHERE gram IS NOT NULL
$$;
-- what a text must have in which the word stands
CREATE FUNCTION asked_grams(word text) RETURNS integer[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(
        array_agg(DISTINCT four) FILTER (WHERE four IS NOT NULL),
        array_agg(DISTINCT two) FILTER (WHERE two IS NOT NULL),
        array_agg(DISTINCT one) FILTER (WHERE one IS NOT NULL),
        '{}'
    ) FROM grams_of(word)
$$;
"""


def _ranges(chars):
    """The characters as the inside of a bracket of a regular expression."""
    found = []
    for code in map(ord, chars):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in found)


INVISIBLE = _ranges(
    char for char in map(chr, (*range(0x20000), *range(0xE0000, 0xE1000))) if is_invisible(char)
)
#: keys whose texts are amounts, rates or dates; every other text is a name or says something
NUMBERS = (
    "amount", "base_date", "cost", "discount_rate", "due_on", "expected_recovery", "haircut", "interest",
    "interest_off_balance", "interest_on_balance", "interest_waived", "issued_on", "new_money", "new_rate", "on",
    "penalty", "penalty_waived", "principal", "principal_waived", "probability", "rate", "value", "valued_on",
)  # fmt: skip
IDENTIFIERS = ("contract_no", "id_no", "title_no")

# A line for each text that is no amount, rate or date; an identifier has a second one, without blanks and with one
# kind of dash, where that differs. What nobody sees is left out of all.
WORDS = r"""
CREATE FUNCTION plan_words(document jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(line, E'\n'), '') FROM (
        SELECT key, regexp_replace(normalize(said #>> '{}', NFKC), '[INVISIBLE]', '', 'g') AS text
        FROM jsonb_path_query(document, 'strict $.** ? (@.type() == "object")') AS part,
            jsonb_each(part) AS pair (key, value),
            jsonb_path_query(value, '$[*] ? (@.type() == "string")') AS said
        WHERE key <> ALL ('{NUMBERS}')
    ) AS named CROSS JOIN LATERAL (
        SELECT text AS line
        UNION ALL
        SELECT folded FROM regexp_replace(translate(text, 'DASHES', 'HYPHENS'), '\s', '', 'g') AS folded
        WHERE key = ANY ('{IDENTIFIERS}') AND folded <> text
    ) AS lines
$$;
"""
for name, stands in {
    "INVISIBLE": INVISIBLE,
    "NUMBERS": ",".join(NUMBERS),
    "DASHES": DASHES,
    "HYPHENS": "-" * len(DASHES),
    "IDENTIFIERS": ",".join(IDENTIFIERS),
}.items():
    WORDS = WORDS.replace(name, stands)
INDEX = """
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

SEARCH = GRAMS + WORDS + INDEX
NO_SEARCH = """
DROP TRIGGER proposals_text_indexed ON proposals_planversion;
DROP FUNCTION proposals_index_text();
DROP FUNCTION plan_words(jsonb);
DROP FUNCTION asked_grams(text);
DROP FUNCTION bigrams(text);
DROP FUNCTION grams_of(text);
"""

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
FIGURES = r"""
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
NO_FIGURES = """
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
# The application lets what is kept be folded; the triggers write.
FOLDING = sql.SQL("GRANT EXECUTE ON FUNCTION public.proposals_fold_figures() TO {app};").format(
    app=sql.Identifier(settings.APP_ROLE)
)

# What approved plans schedule, for the lists behind the figures.
INSTALMENTS = r"""
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
NO_INSTALMENTS = """
DROP TRIGGER proposals_instalments_kept ON public.proposals_creditdecision;
DROP FUNCTION public.proposals_keep_instalments();
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("committee", "0002_guards")]

    operations = [
        *(
            never_changes(f"proposals_{table}")
            for table in (
                "attachment",
                "comparison",
                "creditdecision",
                "docket",
                "docketentry",
                "dueinstalment",
                "plancontract",
                "planversion",
                "receipt",
                "tabling",
            )
        ),
        migrations.RunSQL(SEARCH, NO_SEARCH),
        migrations.RunSQL(OF_A_PLAN + FIGURES, NO_FIGURES),
        migrations.RunSQL(FOLDING.as_string(), migrations.RunSQL.noop),
        migrations.RunSQL(INSTALMENTS, NO_INSTALMENTS),
    ]
