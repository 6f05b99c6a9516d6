"""The people of every rehearsal, by handle; what they are called, and where they work."""

from __future__ import annotations

from dataclasses import dataclass

#: department and member's name of the first nine seats (Art. 3, 4); further seats are numbered
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
#: deputies of the usual nine seats are there in a smaller committee too
DEPUTIES = 9
SUB_BRANCHES = (FIRST, SECOND)

CHAIR = "chair"
#: handle → name and unit of those who hold no seat and stand for nobody who does
OFFICERS = {
    "liaison": ("联络员", RISK),
    "handler": ("经办人（第一支行）", FIRST),
    "handler_head": ("支行负责人（第一支行）", FIRST),
    "other_handler": ("经办人（第二支行）", SECOND),
    "other_head": ("支行负责人（第二支行）", SECOND),
    "credit": ("授信审批人", CREDIT),
    "head_office": ("总行备案人", HEAD_OFFICE),
    "risk": ("风险制度管理人", RISK),
    "auditor": ("审计人员", HEAD_OFFICE),
    "outsider": ("综合管理部职员", GENERAL),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the cast: handle, display name, and the name of the unit where the person works."""

    handle: str
    name: str
    unit: str


def holder(number: int) -> Member:
    """The first holder of the seat with this number."""
    unit, name = (
        _SEATS[number - 1] if number <= len(_SEATS) else (f"第{number}席所在部门", f"第{number}席委员")
    )
    return Member(CHAIR if number == 1 else f"seat{number}", name, unit)


def deputy(number: int) -> Member:
    """The deputy in the department of that holder."""
    principal = holder(number)
    return Member(f"deputy{number}", f"副职（{principal.name}）", principal.unit)


def officers() -> list[Member]:
    """Everybody who neither holds a seat nor deputises for a holder."""
    return [Member(handle, name, unit) for handle, (name, unit) in OFFICERS.items()]


def everybody(seats: int) -> list[Member]:
    """The whole cast of a committee with so many seats: holders, deputies (nine at least), officers."""
    deputies = range(1, max(seats, DEPUTIES) + 1)
    return [*map(holder, range(1, seats + 1)), *map(deputy, deputies), *officers()]


def departments(seats: int) -> list[str]:
    """The branch's departments, each once."""
    numbers = range(1, max(seats, DEPUTIES) + 1)
    return list(dict.fromkeys([RISK, CREDIT, GENERAL, *(holder(n).unit for n in numbers)]))
