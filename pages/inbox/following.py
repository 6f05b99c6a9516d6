"""Plans that a person follows: who follows, and that a change of the state is told."""

from __future__ import annotations

from django.db.models import F

from audit.recording import SYSTEM
from committee.messages import announce
from committee.models import Person
from pages.models import Follow
from proposals.models import Proposal

#: plans that one person may follow
MOST = 200


def is_followed(proposal: Proposal, person: Person) -> bool:
    """Whether the person follows the plan."""
    return Follow.objects.filter(proposal=proposal, person=person).exists()


def follow(proposal: Proposal, person: Person) -> None:
    """The person is told of each change of the plan's state from now on, for as long as it may be seen."""
    Follow.objects.get_or_create(person=person, proposal=proposal, defaults={"state": proposal.state})
    kept = Follow.objects.filter(person=person).order_by("-pk").values_list("pk", flat=True)[:MOST]
    Follow.objects.filter(person=person).exclude(pk__in=list(kept)).delete()


def unfollow(proposal: Proposal, person: Person) -> None:
    """The person is told no more."""
    Follow.objects.filter(proposal=proposal, person=person).delete()


def tell_followers() -> None:
    """Send a message to each follower of a plan whose state has changed, who may still see it.

    Who sees it no more is told nothing, and follows it no more.
    """
    moved = Follow.objects.exclude(state=F("proposal__state")).select_related("proposal", "person")
    for row in moved.order_by("pk"):
        state = row.proposal.state
        if not Follow.objects.filter(pk=row.pk, state=row.state).update(state=state):
            continue  # another worker tells it
        if Proposal.objects.visible_to(row.person).filter(pk=row.proposal_id).exists():
            announce("follow", [row.person], by=SYSTEM, about=row.proposal.subject, state=state)
        else:
            row.delete()
