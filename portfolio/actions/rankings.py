"""The institutions furthest from their plan, frozen at a day (S12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from audit import clock
from audit.recording import action, record
from committee.models import Person
from portfolio.beginning import begin_on_institution
from portfolio.figures.stocks import StockOn, policy_on, stocks
from portfolio.models import Institution, Ranking, RankingRow, Target, TargetSet
from portfolio.money import yuan
from portfolio.permissions import ACTS
from portfolio.rules import ranking as rules
from portfolio.rules import targets
from regulation.refused import Refused


@action
def freeze_ranking(
    institution: Institution, *, by: Person, as_of: date, places: int | None = None
) -> Ranking:
    """The bank's institutions furthest from their plan on the day are frozen in their order.

    The plan of a day lies on the way from the year's start to the locked target for the year's end. `places`
    is `ranked_institutions` where it is not given. `access/denied` to others than head office;
    `target/none` while the year has no locked targets; `ranking/no-figures` where no institution has any.
    """
    institution = begin_on_institution(ACTS["freeze_ranking"], institution, by)
    bank = institution.bank_id
    policy = policy_on(bank, as_of)
    n = policy.ranked_institutions if places is None else places
    closing = _closing_targets(bank, as_of)
    found = stocks(bank, [as_of], policy)
    figured = [row for row in found if row.npl is not None and row.year_start is not None]
    if not figured or n < 1:
        raise Refused("ranking/no-figures")
    aimed = [row for row in figured if row.institution in closing]
    made = Ranking.objects.create(
        bank_id=bank,
        as_of=as_of,
        n=n,
        without_target=len(figured) - len(aimed),
        without_figures=len(found) - len(figured),
        made_by=by,
        made_at=clock.now(),
    )
    rows = _placed(made, aimed, closing)
    record(
        made.stream, "freeze_ranking", made.subject, by=by, payload={"as_of": as_of.isoformat(), "rows": rows}
    )
    return made


def _closing_targets(bank: int, as_of: date) -> Mapping[int, int]:
    """The locked targets for the year's end by institution; `target/none` without any set."""
    target_set = TargetSet.objects.in_force(bank, as_of.year)
    if target_set is None:
        raise Refused("target/none")
    rows = Target.objects.filter(target_set=target_set, metric=Target.Metric.CLOSING_NPL).order_by()
    return dict(rows.values_list("institution", "amount"))


def _placed(made: Ranking, found: Sequence[StockOn], closing: Mapping[int, int]) -> list[dict[str, str]]:
    """Write the places of the ranking, and return them as the log has them."""
    codes = dict(Institution.objects.filter(bank=made.bank_id, ranked=True).values_list("pk", "code"))
    by_code = {code: pk for pk, code in codes.items()}
    placed = rules.ranked([_standing(row, codes[row.institution], closing) for row in found], made.n)
    RankingRow.objects.bulk_create(
        RankingRow(
            ranking=made, place=place, institution_id=by_code[each.code], npl=each.npl, planned=each.planned
        )
        for place, each in enumerate(placed, 1)
    )
    return [
        {"code": each.code, "npl": str(yuan(each.npl)), "planned": str(yuan(each.planned))} for each in placed
    ]


def _standing(row: StockOn, code: str, closing: Mapping[int, int]) -> rules.Standing:
    assert row.npl is not None, "asked for with figures"
    assert row.year_start is not None, "asked for with figures"
    planned = targets.planned_on(row.day, row.year_start, closing[row.institution])
    return rules.Standing(code, row.npl, planned)
