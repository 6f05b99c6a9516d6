"""Grants to one person on one item (proxies, voters, observers), as rows of django-guardian."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import Permission

from committee.models import AgendaItem, AgendaItemUserPermission, Meeting, Person, Proxy


def grant(items: Iterable[AgendaItem], people: Iterable[Person | int], codenames: Iterable[str]) -> None:
    """Grant each permission on each item to each person, in two statements."""
    permissions = list(
        Permission.objects.filter(
            content_type__app_label="committee",
            content_type__model="agendaitem",
            codename__in=list(codenames),
        )
    )
    ids = [person if isinstance(person, int) else person.pk for person in people]
    AgendaItemUserPermission.objects.bulk_create(
        [
            AgendaItemUserPermission(user_id=user, permission=permission, content_object=item)
            for item in items
            for user in ids
            for permission in permissions
        ],
        ignore_conflicts=True,
    )


def ungrant(
    items: Iterable[AgendaItem], *, people: Iterable[Person | int] = (), codenames: Iterable[str] = ()
) -> None:
    """Revoke the permissions of the people on the items; without people or permissions those of all."""
    rows = AgendaItemUserPermission.objects.filter(content_object__in=[item.pk for item in items])
    people, codenames = list(people), list(codenames)
    if people:
        rows = rows.filter(user__in=people)
    if codenames:
        rows = rows.filter(permission__codename__in=codenames)
    rows.delete()


def granted(item: AgendaItem, person: Person, codename: str) -> bool:
    """Whether the person holds the permission on the item."""
    return AgendaItemUserPermission.objects.filter(
        content_object=item, user=person, permission__codename=codename
    ).exists()


#: what a proxy's holder is granted on each item covered, by power
POWERS_GRANT: Mapping[str, str] = {
    Proxy.Power.ATTEND: "view_agendaitem",
    Proxy.Power.SPEAK: "speak_agendaitem",
    Proxy.Power.VOTE: "vote_agendaitem",
}


def regrant(meetings: Iterable[Meeting], holders: Iterable[Person]) -> None:
    """Make the holders' grants on the meetings' items those of the proxies that they hold.

    A proxy ended by the principal's presence still gives sight of its items; a revoked one, or one of a
    vacated seat, gives none.
    """
    meetings, holders = list(meetings), list(holders)
    if not holders:
        return
    rows = AgendaItemUserPermission.objects
    rows.filter(user__in=holders, content_object__meeting__in=meetings).delete()
    held = (
        Proxy.objects.filter(meeting__in=meetings, holder__in=holders, revoked_at=None)
        .exclude(ended_why=Proxy.Ended.VACATED)
        .prefetch_related("items")
    )
    permissions = {
        permission.codename: permission
        for permission in Permission.objects.filter(
            content_type__app_label="committee", content_type__model="agendaitem"
        )
    }
    rows.bulk_create(
        [
            AgendaItemUserPermission(
                user_id=proxy.holder_id, permission=permissions[codename], content_object=item
            )
            for proxy in held
            for item in proxy.items.all()
            for codename in _codenames(proxy)
        ],
        ignore_conflicts=True,
    )


def _codenames(proxy: Proxy) -> set[str]:
    """What a proxy grants on each item covered: sight while it is known, its powers while it runs."""
    runs = proxy.ended_at is None and proxy.principal_came_at is None
    return {"view_agendaitem"} | ({POWERS_GRANT[power] for power in proxy.powers} if runs else set())
