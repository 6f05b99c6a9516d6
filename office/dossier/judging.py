"""The 25 articles judged for one decision, each with what shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from audit import watching
from audit.proofs.making import Proved, prove_all
from committee.models import Resolution
from office.dossier import meeting_articles as of_meeting
from office.dossier import minutes_article
from office.dossier import plan_articles as of_plan
from office.dossier import vote_articles as of_vote
from office.dossier.case import ROSTER, Case, LogEntry
from office.dossier.evidence import ARTICLE_OF, OF_OWN_STREAMS, OF_ROSTER, SHOWN, Shown
from office.dossier.findings import Check, Finding, Outcome, gap, not_held
from office.dossier.reading import read
from office.models import Paper
from voting.models import Ballot

_Judge = Callable[[Case], Iterator[Check]]

#: article → how it is judged
JUDGES: Mapping[int, tuple[_Judge, ...]] = {
    1: (of_plan.purpose,),
    2: (of_plan.three_gates,),
    3: (of_meeting.seats,),
    4: (of_meeting.members,),
    5: (of_meeting.liaison,),
    6: (of_plan.non_performing,),
    7: (of_plan.conditions,),
    8: (of_plan.timeliness,),
    9: (of_meeting.chair,),
    10: (of_vote.own_name,),
    11: (of_vote.proxies,),
    12: (of_meeting.keeping,),
    13: (of_plan.submission,),
    14: (of_plan.screening,),
    15: (of_meeting.notice_period,),
    16: (of_meeting.delivery, of_plan.materials),
    17: (of_meeting.calling,),
    18: (of_meeting.deliberation,),
    19: (of_meeting.observer,),
    20: (of_vote.vote,),
    21: (minutes_article.minutes,),
    22: (of_plan.credit_approval,),
    23: (of_plan.resubmission,),
    24: (of_meeting.version_in_force,),
    25: (of_meeting.effect,),
}
#: what malformed data lead to, whoever wrote them
_MALFORMED = (AttributeError, KeyError, IndexError, TypeError, ValueError, ArithmeticError)


@dataclass(frozen=True)
class Judged:
    """An article as it was judged, with what shows it."""

    finding: Finding
    entries: tuple[LogEntry, ...]
    papers: tuple[Paper, ...]
    ballots: tuple[Ballot, ...]

    @property
    def article(self) -> int:
        """Its number."""
        return self.finding.article

    @property
    def outcome(self) -> Outcome:
        """Whether it held."""
        return self.finding.outcome


@dataclass(frozen=True)
class Dossier:
    """A decision with its 25 articles."""

    case: Case
    articles: tuple[Judged, ...]
    #: how far its entries are sealed, by stream and number
    proved: Mapping[tuple[str, int], Proved]

    def of(self, article: int) -> Judged:
        """The article of this number."""
        return self.articles[article - 1]

    def numbers(self, outcome: Outcome) -> list[int]:
        """The articles that came out so."""
        return [each.article for each in self.articles if each.outcome == outcome]

    @cached_property
    def entries(self) -> tuple[LogEntry, ...]:
        """Every entry that shows an article, once, by stream and number."""
        found = {entry.key: entry for each in self.articles for entry in each.entries}
        return tuple(found[key] for key in sorted(found))


def judge(resolution: Resolution) -> Dossier:
    """The dossier of a resolution that was read with `case.with_meeting`, judged now from records and log.

    Unreadable when no plan stands under its item.
    """
    case = read(resolution)
    further, proved = _of_the_log(case), prove(case.own_log)
    articles = tuple(_judged(case, number, further[number], proved) for number in JUDGES)
    return Dossier(case, articles, proved)


def prove(entries: Iterable[LogEntry]) -> Mapping[tuple[str, int], Proved]:
    """How far these entries are sealed; those that are not what their hash was made of have no proof."""
    return prove_all([(entry.row, entry.leaf) for entry in entries if entry.sound])


def _judged(
    case: Case, number: int, further: Iterable[Check], proved: Mapping[tuple[str, int], Proved]
) -> Judged:
    finding = Finding(number, tuple(_checks(case, number)))
    shown = SHOWN[number]
    entries = tuple(case.entries(*shown.actions))
    if finding.applied:
        finding = finding.with_checks([*_missing(case, shown), *_broken(entries, proved)])
    return Judged(
        finding.with_checks(further),
        entries,
        tuple(paper for paper in case.papers if paper.kind in shown.papers and _is_of(paper, case)),
        tuple(case.ballots) if shown.ballots else (),
    )


def _checks(case: Case, number: int) -> Iterator[Check]:
    """What the article's judges find; records that cannot be read do not show that it held."""
    for each in JUDGES[number]:
        try:
            yield from list(each(case))
        except _MALFORMED as error:
            yield not_held(
                "The records cannot be read as what they should be ({error}).",
                "相关记录的内容无法识别（{error}）。",
                error=f"{type(error).__name__}: {error}",
            )


def _is_of(paper: Paper, case: Case) -> bool:
    """Whether a paper of the meeting or the plan is of this decision, not of another item."""
    return paper.proposal_id in (None, case.proposal.pk)


def _missing(case: Case, shown: Shown) -> Iterator[Check]:
    """The acts of which the log must have an entry, and has none."""
    for action in shown.needed:
        if case.entry(action) is None:
            english, chinese = ACTS[action]
            yield gap(
                "The log has no entry of this: {english}.",
                "日志中没有此项记录：{chinese}。",
                english=english,
                chinese=chinese,
            )


#: an act that the log must have, in words
ACTS: Mapping[str, tuple[str, str]] = {
    "submit": ("the plan submitted", "提交方案"),
    "shortlist": ("the plan shortlisted", "纳入拟上会名单"),
    "file": ("the plan filed with head office", "报总行备案"),
    "table": ("the plan put on the agenda", "列入议程"),
    "convene": ("the meeting convened", "召集会议"),
    "send_notice": ("the notice sent", "发出会议通知"),
    "open_meeting": ("the meeting opened", "会议开始"),
    "sign_in": ("somebody signed in", "签到"),
    "take_up": ("the item taken up", "开始审议"),
    "authorise_proxy": ("a proxy authorised", "授权代理"),
    "admit_observer": ("the head of the institution admitted", "准许经办机构负责人列席"),
    "withdraw_observer": ("the head of the institution withdrew", "经办机构负责人退场"),
    "open_vote": ("the vote opened", "启动表决"),
    "close_vote": ("the vote closed", "结束表决"),
}


def _broken(entries: Collection[LogEntry], proved: Mapping[tuple[str, int], Proved]) -> Iterator[Check]:
    """Entries that are not what their hash was made of, or not what was sealed, and payloads that were
    erased.
    """
    for entry in entries:
        sealed = proved.get(entry.key)
        if sealed is not None and sealed.contradicted:
            yield not_held(
                "Entry {seq} of {stream} is not the one in checkpoint {size} as leaf {leaf}.",
                "日志{stream}第{seq}条与检查点{size}的叶{leaf}不符。",
                seq=entry.row.seq,
                stream=entry.row.stream,
                size=sealed.size,
                leaf=sealed.leaf,
            )
        if not entry.sound:
            yield not_held(
                "Entry {seq} of {stream} is not what its hash was made of.",
                "日志{stream}第{seq}条与其哈希值不符。",
                seq=entry.row.seq,
                stream=entry.row.stream,
            )
    erased = [f"{entry.row.stream} {entry.row.seq}" for entry in entries if entry.body is None]
    if erased:
        yield gap(
            "What these entries told was erased by law: {erased}.",
            "下列日志内容已依法删除：{erased}。",
            erased=erased,
        )


def _of_the_log(case: Case) -> Mapping[int, list[Check]]:
    """By article: rows of the decision that the log has otherwise, or of which it has nothing."""
    found: dict[int, list[Check]] = defaultdict(list)
    own = {key: ARTICLE_OF[row._meta.db_table] for key, row in case.vouched()}
    relied_on = {key: article for key, _, article in case.relied_on() if key not in own}
    for article, check in (
        *_told_otherwise(case, own | relied_on),
        *_never_told(case, own, relied_on),
        *((13, check) for check in _broken(case.people_log, {})),
    ):
        found[article].append(check)
    return found


def _table(key: str) -> str:
    return key.partition(":")[0]


def _told_otherwise(case: Case, keys: Mapping[str, int]) -> Iterator[tuple[int, Check]]:
    """Rows that the log has otherwise, and those that it has and that are gone, each with its article."""
    tables = {*map(_table, keys), *OF_ROSTER}
    for row in watching.differing(case.streams(), tables=tables, beside=(case.roster_streams, ROSTER)):
        if row.key is None:
            if row.stream in case.roster_streams or _ours(case, row.stream, row.seq):
                yield _of_whole_log(row)
        elif row.key in keys or _is_lost(case, row.key, row):
            yield (
                keys.get(row.key) or ARTICLE_OF[_table(row.key)],
                not_held(
                    "Entry {seq} of {stream} has {key} otherwise than it is stored: {columns}.",
                    "日志{stream}第{seq}条所载{key}与现存记录不一致：{columns}。",
                    seq=row.seq,
                    stream=row.stream,
                    key=row.key,
                    columns=row.columns or "—",
                ),
            )


def _never_told(
    case: Case, own: Mapping[str, int], relied_on: Mapping[str, int]
) -> Iterator[tuple[int, Check]]:
    """Rows of which the log should have an entry and has none, each with its article; an entry that was
    erased has left its digests to the entry of the erasure.
    """
    told = {key for entry in (*case.log, *case.roster_log) for key in entry.stored}
    expected = [(key, article) for key, article in own.items() if _table(key) in OF_OWN_STREAMS]
    expected += [(key, article) for key, article in relied_on.items() if _table(key) in OF_ROSTER]
    for key, article in expected:
        if key not in told:
            yield (
                article,
                not_held(
                    "The log tells nothing of {key}, which is stored.",
                    "日志中没有关于{key}的任何记录。",
                    key=key,
                ),
            )


def _of_whole_log(row: watching.Differing) -> tuple[int, Check]:
    """An entry of which it cannot be read what rows it tells of: the file of the decision has a gap."""
    return 12, not_held(
        "What entry {seq} of {stream} tells cannot be read.",
        "日志{stream}第{seq}条的内容无法读取。",
        seq=row.seq,
        stream=row.stream,
    )


def _is_lost(case: Case, key: str, row: watching.Differing) -> bool:
    """Whether a row that an entry of this decision, or of seats, liaison and regulation, tells of is gone."""
    ours = _table(key) in OF_ROSTER or _ours(case, row.stream, row.seq)
    return not row.exists and not row.recorded_gone and ours


def _ours(case: Case, stream: str | None, seq: int | None) -> bool:
    """Whether an entry is of this decision, not of another item of the meeting."""
    return any(entry.key == (stream, seq) for entry in case.own_log)
