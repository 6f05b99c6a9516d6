"""What waits for a person: the desks of the person's roles, one beneath the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from committee.offices import (
    AUDITOR,
    CHAIR,
    COLLECTOR,
    CREDIT,
    HANDLER,
    HEAD,
    HEAD_OFFICE,
    LEDGER_OFFICE,
    LIAISON,
    PROXY,
    RISK,
    SEAT,
    Office,
)
from pages.desk.roles import (
    auditor,
    chair,
    collector,
    credit,
    follow_ups,
    handler,
    head,
    head_office,
    ledger_office,
    liaison,
    member,
    overview,
    proxy,
    risk,
)
from pages.desk.sections import Section, SectionQuery, read_sections
from web.viewer import Viewer

#: office → its sections, in the order of the page
DESKS: Mapping[Office, Callable[[Viewer], Iterable[SectionQuery | Section]]] = {
    LIAISON: liaison.sections,
    SEAT: member.sections,
    CHAIR: chair.sections,
    PROXY: proxy.sections,
    HANDLER: handler.sections,
    HEAD: head.sections,
    CREDIT: credit.sections,
    HEAD_OFFICE: head_office.sections,
    RISK: risk.sections,
    COLLECTOR: collector.sections,
    LEDGER_OFFICE: ledger_office.sections,
    AUDITOR: auditor.sections,
}


def sections(who: Viewer, chosen: str = "") -> list[Section]:
    """The sections of the person's offices, more of the chosen kind, for an office without a desk those of
    the overview; then what resolutions ask of the person.
    """
    found = [section for office, desk in DESKS.items() if office in who.offices for section in desk(who)]
    for office in sorted(who.offices - DESKS.keys(), key=str):
        found += overview.sections(who, office)
    return read_sections([*found, *follow_ups.sections(who)], chosen)
