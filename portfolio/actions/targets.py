"""Targets and quotas of a year: drafted, locked, and then only raised (S11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audit import clock
from audit.recording import action, record
from committee.models import Person
from portfolio.actions.warnings import require_text
from portfolio.beginning import begin_on_institution, begin_on_row
from portfolio.models import Institution, Quota, Target, TargetSet
from portfolio.money import yuan
from portfolio.permissions import ACTS
from portfolio.rules import targets as rules
from regulation.refused import Refused
from regulation.text import folded_identifier, has_content, is_line

_FIRST_YEAR, _LAST_YEAR = 1949, 2199


@action
def draft_targets(
    institution: Institution,
    *,
    by: Person,
    year: int,
    targets: Sequence[Mapping[str, object]],
    reason: str,
    quotas: Sequence[Mapping[str, object]] = (),
) -> TargetSet:
    """A draft of the bank's targets for the year, in place of a draft that is there.

    Rows of `institution` (its number), `metric` and `amount` in fen; quotas of `staff_no`, `post`, `amount`.

    `access/denied` to others than head office; `text/required`; `target/invalid` for a row that is none;
    `target/locked` for targets below those that are locked.
    """
    institution = begin_on_institution(ACTS["draft_targets"], institution, by)
    require_text(reason, "the reason", "理由")
    if isinstance(year, bool) or not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Refused("target/invalid")
    bank = institution.bank_id
    rows, people = _targets(bank, targets), _quotas(bank, quotas)
    _require_not_lowered(bank, year, rows)
    TargetSet.objects.select_for_update().filter(bank=bank, year=year).order_by("pk").first()
    made = TargetSet.objects.filter(bank=bank, year=year, state=TargetSet.State.DRAFT).first()
    if made is None:
        made = TargetSet.objects.create(
            bank_id=bank,
            year=year,
            version=TargetSet.objects.filter(bank=bank, year=year).count() + 1,
            reason=reason,
            made_by=by,
            made_at=clock.now(),
        )
    Target.objects.filter(target_set=made).delete()
    Quota.objects.filter(target_set=made).delete()
    ids = dict(Institution.objects.filter(bank=bank).values_list("code", "pk"))
    Target.objects.bulk_create(
        Target(
            target_set=made, institution_id=ids[row.institution], metric=row.metric.value, amount=row.amount
        )
        for row in rows
    )
    Quota.objects.bulk_create(
        Quota(target_set=made, person=person, post=post, amount=amount) for person, post, amount in people
    )
    told = {
        "year": year,
        "version": made.version,
        "reason": reason,
        "targets": _told(rows),
        "quotas": len(people),
    }
    record(made.stream, "draft_targets", made.subject, by=by, payload=told)
    return made


@action
def lock_targets(target_set: TargetSet, *, by: Person) -> TargetSet:
    """The targets are in force, and nobody lowers them, measures them otherwise or leaves an institution out.

    `access/denied` to others than head office; `state/not-allowed` once locked; `target/invalid` without any;
    `target/locked` where another version that was locked since asks for more.
    """
    target_set = begin_on_row(ACTS["lock_targets"], target_set, by)
    rows = _rows(target_set)
    if not rows:
        raise Refused("target/invalid")
    _require_not_lowered(target_set.bank_id, target_set.year, rows)
    target_set.locked_by, target_set.locked_at = by, clock.now()
    target_set.lock()
    target_set.save(update_fields=["state", "locked_by", "locked_at"])
    told = {"version": target_set.version, "targets": _told(rows)}
    record(target_set.stream, "lock_targets", target_set.subject, by=by, payload=told)
    return target_set


def _rows(target_set: TargetSet) -> list[rules.Target]:
    held = Target.objects.filter(target_set=target_set).order_by("institution", "metric")
    return [
        rules.Target(code, rules.Metric(metric), amount)
        for code, metric, amount in held.values_list("institution__code", "metric", "amount")
    ]


def _require_not_lowered(bank: int, year: int, wanted: Sequence[rules.Target]) -> None:
    """Raise `target/locked` for what the locked targets of the year ask for, and these do not.

    A merger moves the targets of the institution that went to the one that it went into.
    """
    locked = TargetSet.objects.in_force(bank, year)
    if locked is None:
        return
    merged = Institution.objects.filter(bank=bank, merged_into__isnull=False)
    into = dict(merged.values_list("code", "merged_into__code"))
    fallen = rules.lowered(rules.merged(_rows(locked), into), wanted)
    if fallen:
        raise Refused("target/locked", institution=sorted({each.institution for each in fallen}))


def _amount(value: object, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 10**17:
        raise Refused("target/invalid")
    return value


def _targets(bank: int, given: Sequence[Mapping[str, object]]) -> list[rules.Target]:
    """The rows as targets; `target/invalid` for an unknown institution or metric, and for doubles."""
    codes = set(Institution.objects.filter(bank=bank, merged_into=None).values_list("code", flat=True))
    rows = []
    for each in given:
        code, metric = each.get("institution"), each.get("metric")
        if code not in codes or metric not in set(rules.Metric):
            raise Refused("target/invalid")
        rows.append(rules.Target(str(code), rules.Metric(str(metric)), _amount(each.get("amount"), 0)))
    if not rows or len({(row.institution, row.metric) for row in rows}) != len(rows):
        raise Refused("target/invalid")
    return rows


def _quotas(bank: int, given: Sequence[Mapping[str, object]]) -> list[tuple[Person, str, int]]:
    """The quotas by person; `target/invalid` for an unknown staff number, or one that stands twice."""
    keys = [folded_identifier(str(each.get("staff_no", ""))) for each in given]
    people = {person.staff_key: person for person in Person.objects.filter(bank=bank, staff_key__in=keys)}
    rows = []
    for key, each in zip(keys, given, strict=True):
        post = each.get("post", "")
        if key not in people or not isinstance(post, str) or not has_content(post) or not is_line(post):
            raise Refused("target/invalid")
        rows.append((people[key], post, _amount(each.get("amount"), 1)))
    if len(set(keys)) != len(keys):
        raise Refused("target/invalid")
    return rows


def _told(rows: Sequence[rules.Target]) -> list[dict[str, str]]:
    return [
        {"institution": row.institution, "metric": row.metric.value, "amount": str(yuan(row.amount))}
        for row in rows
    ]
