"""Who may listen to a meeting, checked when a socket opens, before each push and every second."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http.cookies import CookieError
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from audit import clock
from audit.models import Head
from committee import visibility
from committee.models import AgendaItem, Meeting, Observer, Person
from voting.actions.room_screen import room_screen_of
from voting.models import RoomScreenLink

#: the session has ended, or its person may not sign in any more
SIGNED_OUT = 4401
#: the meeting is none that this person, or this link, may see
NOT_VISIBLE = 4403


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to listen to a meeting: a person's session, or the link of a room screen."""

    meeting: int
    person: int = 0
    #: the name under which the session is stored
    session: str = ""
    #: SHA-256 of the person's session value (password and epoch) when the socket opened
    mark: str = ""
    #: only this item of the meeting, for its observer
    item: int = 0
    link: int = 0
    #: in which it wants what all who see the whole meeting have alike; empty for the version alone
    language: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What a claim gives: the meeting's version, or the code with which its socket is closed."""

    version: int
    refused: int | None = None
    #: whether its person sees the whole meeting
    whole: bool = False


def claim_of_session(meeting: int, cookies: str) -> Claim | None:
    """The claim of the person whose session these cookies have; None without one."""
    try:
        key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if not key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    able = Person.objects.filter(is_active=True, password_given=False)
    person = able.filter(pk=session.get(SESSION_KEY)).first()
    known = str(session.get(HASH_SESSION_KEY, ""))
    if person is None or not constant_time_compare(known, person.get_session_auth_hash()):
        return None
    mark = hashlib.sha256(person.session_value.encode()).hexdigest()
    return Claim(meeting, person.pk, session.stored_key, mark)


def claim_of_observer(item: int, cookies: str) -> Claim | None:
    """The claim of the item's observer, by the session that these cookies have; None without one."""
    meeting = AgendaItem.objects.filter(pk=item).values_list("meeting", flat=True).first()
    claim = claim_of_session(meeting or 0, cookies)
    return claim and replace(claim, item=item)


def claim_of_link(token: str) -> Claim | None:
    """The claim of a room screen by the token of its link; None for a link that shows nothing."""
    link = room_screen_of(token)
    return None if link is None else Claim(link.meeting_id, link=link.pk)


# One statement for any number of sockets, since it runs every second and before each push. Its parameters are
# arrays with one place for each socket. Seat holders and the liaison may see the meeting by that alone;
# others are checked with the predicate of the pages, which the server takes longer to plan.
_ACCESS_SQL = """
SELECT asked.place,
    coalesce((SELECT head.seq FROM audit_head head WHERE head.stream = 'meeting:' || asked.meeting), 0),
    EXISTS (
        SELECT FROM accounts_session session, committee_person person
        WHERE session.session_key = asked.session AND session.expire_date > %s
            AND person.id = asked.person AND person.is_active
            AND NOT person.password_given
            AND encode(sha256(convert_to(person.password || ':' || person.session_epoch, 'UTF8')), 'hex')
                = asked.mark
    ),
    EXISTS (
        SELECT FROM committee_meeting meeting, committee_committee committee
        WHERE meeting.id = asked.meeting AND committee.id = meeting.committee_id
            AND (committee.liaison_id = asked.person OR asked.person IN (
                SELECT seat.holder_id FROM committee_seat seat WHERE seat.committee_id = committee.id
            ))
    )
FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::text[])
    AS asked(place, meeting, person, session, mark)
"""
_VISIBLE_SQL = """
SELECT asked.place, {whole}
FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS asked(place, meeting, person)
WHERE {visible}
"""


def check(claims: Sequence[Claim]) -> list[Access]:
    """The access of each claim at this moment, in the order of the claims."""
    found: dict[int, Access] = {}
    people = {place: claim for place, claim in enumerate(claims) if not claim.link}
    if people:
        found |= _people(people)
    links = {place: claim for place, claim in enumerate(claims) if claim.link}
    if links:
        found |= _links(links)
    return [found[place] for place in range(len(claims))]


def _people(claims: Mapping[int, Claim]) -> dict[int, Access]:
    rows = _rows(claims)
    found, others, observers = {}, {}, {}
    for place, claim in claims.items():
        version, signed_in, at_the_table = rows[place]
        if not signed_in:
            found[place] = Access(version, SIGNED_OUT)
        elif claim.item:
            observers[place] = claim
        elif at_the_table:
            found[place] = Access(version, whole=True)
        else:
            others[place] = claim
    visible = _places_of_visible(others) if others else {}
    for place in others:
        refused = None if place in visible else NOT_VISIBLE
        found[place] = Access(rows[place][0], refused, whole=visible.get(place, False))
    return found | (_observers(observers) if observers else {})


def _rows(claims: Mapping[int, Claim]) -> dict[int, tuple[int, bool, bool]]:
    """Of each claim the meeting's version, whether its session is signed in, and whether its person holds a
    seat of the committee or is its liaison.
    """
    sessions = [[claim.session for claim in claims.values()], [claim.mark for claim in claims.values()]]
    with connection.cursor() as cursor:
        cursor.execute(_ACCESS_SQL, [timezone.now(), *_columns(claims), *sessions])
        return {place: row for place, *row in cursor.fetchall()}


def _places_of_visible(claims: Mapping[int, Claim]) -> dict[int, bool]:
    """The places of the claims whose person may see the meeting by the predicates of the pages, each with
    whether the person sees the whole of it.
    """
    columns = {"row": "asked.meeting", "person": "asked.person"}
    visible, of_visible = visibility.condition(Meeting, visibility.meetings_visible_to, **columns)
    whole, of_whole = visibility.condition(Meeting, visibility.whole_meetings_visible_to, **columns)
    with connection.cursor() as cursor:
        sql = _VISIBLE_SQL.format(visible=visible, whole=whole)
        cursor.execute(sql, [*of_whole, *_columns(claims), *of_visible])
        return dict(cursor.fetchall())


def _columns(claims: Mapping[int, Claim]) -> list[list[int]]:
    """Place, meeting and person of each claim, as arrays."""
    each = claims.values()
    return [list(claims), [claim.meeting for claim in each], [claim.person for claim in each]]


def _observers(claims: Mapping[int, Claim]) -> dict[int, Access]:
    """The access of observers, with the version of what their page shows; other changes of the meeting do not
    affect it.
    """
    rows = Observer.objects.followed().filter(item__in={claim.item for claim in claims.values()})
    versions = {tuple(who): version for *who, version in rows.values_list("item", "person", "version")}
    found = {place: versions.get((claim.item, claim.person)) for place, claim in claims.items()}
    return {
        place: Access(0, NOT_VISIBLE) if version is None else Access(version)
        for place, version in found.items()
    }


def _links(claims: Mapping[int, Claim]) -> dict[int, Access]:
    wanted = claims.values()
    showing = RoomScreenLink.objects.running(clock.now()).filter(pk__in={claim.link for claim in wanted})
    shown = set(showing.values_list("pk", "meeting"))
    streams = {claim.meeting: Meeting(pk=claim.meeting).stream for claim in wanted}
    heads = dict(Head.objects.filter(stream__in=streams.values()).values_list("stream", "seq"))
    return {
        place: Access(
            heads.get(streams[claim.meeting], 0),
            None if (claim.link, claim.meeting) in shown else NOT_VISIBLE,
        )
        for place, claim in claims.items()
    }
