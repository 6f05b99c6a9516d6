"""What waits for a person: the desks of the person's roles, one beneath the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from committee.models import Position
from committee.offices import read_offices
from pages.desk.roles import auditor, chair, credit, handler, head, head_office, liaison, member, proxy, risk
from pages.desk.sections import Section, SectionQuery, read_sections
from web.viewer import Viewer

Role = Position.Role

#: role → its desk, in the order in which they stand on the page
DESKS: tuple[tuple[str, Callable[[Viewer], Iterable[SectionQuery | Section]]], ...] = (
    ("liaison", liaison.sections),
    ("member", member.sections),
    ("chair", chair.sections),
    ("proxy", proxy.sections),
    (Role.HANDLER, handler.sections),
    (Role.HEAD, head.sections),
    (Role.CREDIT, credit.sections),
    (Role.HEAD_OFFICE, head_office.sections),
    (Role.RISK, risk.sections),
    (Role.AUDITOR, auditor.sections),
)


def sections(who: Viewer) -> list[Section]:
    """The person's desk, the most pressing first; empty for somebody without a role here."""
    read_offices(who.person)
    return read_sections([section for role, desk in DESKS if role in who.roles for section in desk(who)])
