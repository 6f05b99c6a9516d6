"""The demo's ledger of loans: a union with two offices and twelve institutions, and tapes of a stock that
is drawn.

The tapes are the generator's, of the year's start, the base date and the last twelve days; they are handed
in as those of a core system are, each in the evening of its day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from audit import clock
from audit.recording import SYSTEM, rehearsed
from committee.actions.founding import Employee, add_unit, employ
from committee.models import Person, Position, Unit
from portfolio import storage
from portfolio.actions import institutions, policies, rankings, supervision, tapes, targets, warnings
from portfolio.generator.files import tape_csv
from portfolio.generator.places import Place
from portfolio.generator.stock import stock
from portfolio.models import Institution, Supervision, Target
from portfolio.models import Warning as LedgerWarning
from portfolio.money import fen, yuan
from portfolio.totals import on_days
from rehearsal import cast
from rehearsal.bank import Bank
from rehearsal.times import ZONE

#: the demo's stock is the same each time, but for its days
SEED = 290_000
LOANS = 5_000
#: so many days before today have a tape each
DAILY = 12
_EVENING, _MORNING = time(20, 0), time(8, 30)
SECOND_OFFICE = "示范分行"
_INSTITUTIONS = (*(f"第{number}支行" for number in "三四五六七八九十"), "第十一支行", "第十二支行")
_STAFF_NO = 80_200_000
_SURNAMES = (
    "冯邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯"
)
R = Position.Role


@dataclass(frozen=True)
class Found:
    """The ledger's institutions in the order of their numbers, and their staff."""

    bank: Bank
    union: Institution
    institutions: list[Institution]
    places: list[Place]
    people: dict[str, Person]


def days(today: date) -> tuple[date, ...]:
    """The days of the demo's tapes: the year's start, the base date, and the twelve days before today."""
    last = today - timedelta(days=1)
    daily = [last - timedelta(days=back) for back in range(DAILY - 1, -1, -1)]
    early = (last - date(last.year, 1, 1)).days < 40
    start = date(last.year - (2 if early else 1), 12, 31)
    base = date(start.year + 1, 7, 31)
    if base >= daily[0] - timedelta(days=10):
        base = daily[0].replace(day=1) - timedelta(days=1)
    return (start, base, *daily)


def has_ledger(bank: Bank) -> bool:
    """Whether the bank has its ledger."""
    return Institution.objects.filter(unit=bank.unit).exists()


def keep_ledger(bank: Bank, today: date) -> Bank:
    """The bank has its ledger with all tapes until yesterday, warnings in each state, a ranking, a
    supervision.
    """
    if has_ledger(bank):
        return bank
    taped = days(today)
    with clock.frozen(_at(taped[0] - timedelta(days=1), _MORNING)), rehearsed("demo"):
        found = _found(bank)
        policies.amend_policy(
            bank.unit,
            by=SYSTEM,
            changes={"base_date": taped[1]},
            effective_from=taped[0] - timedelta(days=1),
            reason="演示：以基准日为对比日",
        )
    _hand_in(found, taped)
    _warn(found, taped[-1])
    _supervise(found, taped)
    return replace(bank, people={**bank.people, **found.people})


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, tzinfo=ZONE)


def _found(bank: Bank) -> Found:
    """Units, staff, institutions: the bank's branch is the first office, its sub-branches the first two."""
    branch = bank.committee.branch
    other = add_unit(by=SYSTEM, parent=bank.unit, kind=Unit.Kind.BRANCH, name=SECOND_OFFICE)
    known = {unit.name: unit for unit in Unit.objects.filter(parent=branch, name__in=cast.SUB_BRANCHES)}
    lending = [known[name] for name in cast.SUB_BRANCHES]
    for number, name in enumerate(_INSTITUTIONS):
        above = branch if number < 4 else other
        lending.append(add_unit(by=SYSTEM, parent=above, kind=Unit.Kind.SUB_BRANCH, name=name))
    people = _employed(bank, branch, other, lending)
    level = Institution.Level

    def found(unit: Unit, code: str, of: str, *, ranked: bool = False) -> Institution:
        return institutions.found_institution(unit, by=SYSTEM, code=code, level=of, ranked=ranked)

    union = found(bank.unit, "15000", level.UNION)
    found(branch, "15100", level.OFFICE)
    found(other, "15200", level.OFFICE)
    rows = [
        found(unit, f"15{1 if number < 6 else 2}{number % 6 + 1:02d}", level.INSTITUTION, ranked=True)
        for number, unit in enumerate(lending)
    ]
    return Found(bank, union, rows, list(_places(bank, rows, people)), people)


def _employed(bank: Bank, branch: Unit, other: Unit, lending: Sequence[Unit]) -> dict[str, Person]:
    """A supervisor an office; a head, a handler, two collectors an institution, where there are none yet."""
    mark = bank.people["chair"].username.partition(".")[2]
    wanted: list[tuple[str, str, Unit]] = [("office", R.OFFICE, branch), ("office2", R.OFFICE, other)]
    wanted.append(("union_risk", R.RISK, bank.unit))
    for number, unit in enumerate(lending, 1):
        first = "collector" if number == 1 else f"collector{number}a"
        wanted += [(first, R.COLLECTOR, unit), (f"collector{number}b", R.COLLECTOR, unit)]
        if number > len(cast.SUB_BRANCHES):
            wanted += [(f"handler{number}", R.HANDLER, unit), (f"head{number}", R.HEAD, unit)]
    employees = [
        Employee(
            username=f"{handle}.{mark}",
            staff_no=str(_STAFF_NO + number),
            display_name=_named(number),
            unit=unit,
            positions=((role, unit),),
        )
        for number, (handle, role, unit) in enumerate(wanted, 1)
    ]
    people = employ(by=SYSTEM, bank=bank.unit, people=employees)
    return {handle: person for (handle, _role, _unit), person in zip(wanted, people, strict=True)}


def _named(number: int) -> str:
    """A surname without a given name; all differ."""
    round_, place = divmod(number - 1, len(_SURNAMES))
    return f"{_SURNAMES[place]}{'某' if number % 2 else '某某'}{round_ + 1 if round_ else ''}"


def _places(bank: Bank, rows: Sequence[Institution], people: dict[str, Person]) -> Iterator[Place]:
    """Who lends, approves and collects at each institution, by staff number."""
    heads = {1: bank.people["handler_head"], 2: bank.people["other_head"]}
    handlers = {1: bank.people["handler"], 2: bank.people["other_handler"]}
    for number, row in enumerate(rows, 1):
        head = heads.get(number) or people[f"head{number}"]
        handler = handlers.get(number) or people[f"handler{number}"]
        first = people["collector" if number == 1 else f"collector{number}a"]
        yield Place(
            row.code,
            (handler.staff_no, head.staff_no),
            (first.staff_no, people[f"collector{number}b"].staff_no),
            head.staff_no,
        )


def _hand_in(found: Found, taped: Sequence[date]) -> None:
    """The union's tapes, each in the evening of its day; that of the day before the last has mistakes."""
    lives = stock(SEED, found.places, taped, LOANS)
    for day in taped:
        with clock.frozen(_at(day, _EVENING)), rehearsed("demo"):
            content = tape_csv(lives, day, mistakes=day == taped[-2])
            with storage.received([content]) as file:
                tapes.hand_in(
                    found.union, by=found.people["union_risk"], file=file, as_of=day, name=f"tape-{day}.csv"
                )


# -- Warnings in each state -------------------------------------------------------------------------


def _warn(found: Found, last: date) -> None:
    """Of the warnings that the tapes raised, each is in another state; further ones wait to be issued."""
    rows = list(
        LedgerWarning.objects.filter(institution__bank=found.bank.unit).order_by("-last_on", "institution")
    )
    with clock.frozen(_at(last, _EVENING) + timedelta(minutes=30)), rehearsed("demo"):
        for row, reached in zip(
            rows, ("closed", "accepted", "sent_back", "replied", "seen", "issued"), strict=False
        ):
            _carry(found, row, reached)
        if len(rows) > 6:
            warnings.dismiss_warning(
                rows[6],
                by=found.people["union_risk"],
                reason="当旬新增已于次日现金收回，余额回落至基准日以下。",
            )


def _carry(found: Found, row: LedgerWarning, reached: str) -> None:
    by, head = found.people["union_risk"], _head_of(row.institution)
    now = clock.now()
    if row.pk % 2:
        warnings.issue_warning(
            row, by=by, channel="document", document_no=f"呼联风警〔{now.year}〕{row.pk}号",
            file_name="风险预警通知书.txt", file="关于不良贷款较基准日反弹的风险预警通知。".encode(),
        )  # fmt: skip
    else:
        warnings.issue_warning(
            row, by=by, channel="phone", spoken_with=head.display_name, spoken_at=now - timedelta(hours=1),
            said="通报不良贷款反弹金额，要求五个工作日内书面说明原因并提出清收措施。",
        )  # fmt: skip
    if reached == "issued":
        return
    warnings.see_warning(row, by=head)
    if reached == "seen":
        return
    row.refresh_from_db()
    part = row.amount // 3
    warnings.reply_to_warning(
        row,
        by=head,
        causes=[
            {"kind": "new_arrears", "amount": row.amount - part, "text": "大额流动资金贷款到期未还"},
            {"kind": "fell_back", "amount": part, "text": "上调后再次逾期"},
        ],
        measures=[
            {"text": "逐户约谈借款人及担保人，签订还款计划", "on": now.date() + timedelta(days=15)},
            {"text": "对失去联系的借款人提起诉讼并申请保全", "on": now.date() + timedelta(days=30)},
        ],
    )
    if reached == "sent_back":
        warnings.send_back_reply(row, by=by, reason="措施未落实到户，请逐户列明责任人和完成日期后重新上报。")
    elif reached in ("accepted", "closed"):
        warnings.accept_reply(row, by=by)
        if reached == "closed":
            warnings.close_warning(row, by=by)


def _head_of(institution: Institution) -> Person:
    position = Position.objects.filter(unit=institution.unit_id, role=R.HEAD).select_related("person").first()
    assert position is not None, "each of the demo's institutions has a head"
    return position.person


# -- A ranking and a supervision ----------------------------------------------------------------------


def _supervise(found: Found, taped: Sequence[date]) -> None:
    """Targets of the year are locked, the institutions furthest from them ranked, and the first one
    supervised.
    """
    by = found.bank.people["head_office"]
    first, last = taped[0], taped[-1]
    opening = on_days([row.pk for row in found.institutions], [first])
    with clock.frozen(_at(last, _EVENING) + timedelta(minutes=45)), rehearsed("demo"):
        drafted = targets.draft_targets(
            found.union,
            by=by,
            year=last.year,
            targets=[
                {
                    "institution": row.code,
                    "metric": Target.Metric.CLOSING_NPL.value,
                    "amount": fen(
                        (yuan(opening[row.pk, first].npl) * Decimal("0.90")).quantize(Decimal("0.01"))
                    ),
                }
                for row in found.institutions
            ],
            reason="演示：年末不良贷款余额较年初下降一成",
        )
        targets.lock_targets(drafted, by=by)
        ranking = rankings.freeze_ranking(found.union, by=by, as_of=last, places=5)
        place = ranking.rows.order_by("place").select_related("institution").first()
        if place is None:
            return
        people = found.bank.people
        team = ("seat2", "seat3", "risk", "seat4", "head_office")
        made = supervision.plan_supervision(
            place.institution,
            by=by,
            team=list(zip(Supervision.Office.values, (people[handle] for handle in team), strict=True)),
            from_on=last,
            to_on=last + timedelta(days=4),
            purpose="核查不良贷款较年初上升的原因，逐户督导清收。",
            ranked=place,
        )
        supervision.begin_supervision(made, by=by)
        supervision.add_finding(made, by=by, text="到期贷款催收记录不完整，两户企业未按月走访。")
