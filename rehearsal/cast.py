"""The people of every rehearsal, by handle, with their names and units.

They are fictitious: the names are a surname without a given name, as in Chinese papers.
"""

from __future__ import annotations

from dataclasses import dataclass

#: department and post of the first nine seats (Art. 3, 4); further seats are numbered
_SEATS = (
    ("行长室", "主任委员"),
    ("行长室", "副行长委员"),
    ("风险管理部", "风险总监委员"),
    ("公司银行部", "公司银行部委员"),
    ("风险管理部", "风险管理部委员"),
    ("小企业业务部", "小企业业务部委员"),
    ("个人银行部", "个人银行部委员"),
    ("法律合规部", "法律合规部委员"),
    ("计划财务部", "计划财务部委员"),
)

HEAD_OFFICE, BRANCH = "总行", "呼和浩特分行"
RISK, CREDIT, GENERAL = "风险管理部", "授信管理部", "综合管理部"
FIRST, SECOND = "第一支行", "第二支行"
#: the deputies of the usual nine seats exist in a smaller committee too
DEPUTIES = 9
SUB_BRANCHES = (FIRST, SECOND)

CHAIR = "chair"
#: handle → name and unit of the people who are neither holders nor deputies
OFFICERS = {
    "liaison": ("严某", RISK),
    "handler": ("华某某", FIRST),
    "handler_head": ("金某", FIRST),
    "other_handler": ("魏某某", SECOND),
    "other_head": ("陶某", SECOND),
    "credit": ("姜某某", CREDIT),
    "head_office": ("戚某", HEAD_OFFICE),
    "risk": ("谢某某", RISK),
    "auditor": ("邹某", HEAD_OFFICE),
    "outsider": ("喻某某", GENERAL),
}
#: those who work on the ledger of loans alone: there where a file has a ledger
LEDGER = {
    "collector": ("殷某", FIRST),
    "office": ("罗某某", BRANCH),
}
#: surnames of holders and of deputies, by seat; different from those of the officers and from each other
_HOLDERS = "周吴郑陈褚卫蒋沈韩柏水窦章云苏潘葛奚范彭"
_DEPUTIES = "朱秦尤许何吕施孔曹郎鲁韦昌马苗凤花方俞任"


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the cast: handle, display name, name of the unit, and post.

    The post is that of the seat; people without a seat have none.
    """

    handle: str
    name: str
    unit: str
    post: str = ""


def _named(surnames: str, number: int) -> str:
    """The name of the holder or deputy of the seat with this number; all names differ."""
    round_, place = divmod(number - 1, len(surnames))
    given = "某某" if (number + round_) % 2 == 0 else "某"
    return f"{surnames[place]}{given}{round_ + 1 if round_ else ''}"


def holder(number: int) -> Member:
    """The first holder of the seat with this number."""
    unit, post = (
        _SEATS[number - 1] if number <= len(_SEATS) else (f"第{number}席所在部门", f"第{number}席委员")
    )
    handle = CHAIR if number == 1 else f"seat{number}"
    return Member(handle, _named(_HOLDERS, number), unit, post)


def deputy(number: int) -> Member:
    """The deputy in the department of that holder."""
    return Member(f"deputy{number}", _named(_DEPUTIES, number), holder(number).unit)


def officers() -> list[Member]:
    """Everybody who is neither a holder nor a deputy."""
    return [Member(handle, name, unit) for handle, (name, unit) in OFFICERS.items()]


def everybody(seats: int) -> list[Member]:
    """The whole cast of a committee with so many seats: holders, deputies (at least nine), officers."""
    deputies = range(1, max(seats, DEPUTIES) + 1)
    return [*map(holder, range(1, seats + 1)), *map(deputy, deputies), *officers()]


def ledger() -> list[Member]:
    """Those who work on the ledger of loans alone."""
    return [Member(handle, name, unit) for handle, (name, unit) in LEDGER.items()]


def departments(seats: int) -> list[str]:
    """The departments of the branch, without repetition."""
    numbers = range(1, max(seats, DEPUTIES) + 1)
    return list(dict.fromkeys([RISK, CREDIT, GENERAL, *(holder(n).unit for n in numbers)]))
