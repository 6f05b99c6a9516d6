"""How a person is told: mail, the plans that are followed, and the devices."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from committee.models import Person
from pages.inbox import following
from pages.models import Follow, NoticeSettings, PushSubscription
from pages.push import keys
from proposals.models import Proposal
from web import shell
from web.seen import SeenRow
from web.viewer import viewer_of

_PROPOSAL = SeenRow(Proposal, "committee__branch", "unit")


@dataclass(frozen=True, kw_only=True)
class NoticesPage:
    """The person's choices, as they stand."""

    mail: str
    choices: list[tuple[str, str]]
    followed: list[Proposal]
    devices: list[PushSubscription]
    #: the site's key for pushes; empty where nothing is pushed
    push_key: str


@dataclass(frozen=True, kw_only=True)
class FollowPage:
    """A plan, and whether the person follows it."""

    proposal: Proposal
    followed: bool


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """The settings of notices; a choice of mail is saved."""
    person = viewer_of(request).person
    if request.method == "POST":
        return _saved(request, person)
    row = NoticeSettings.objects.filter(person=person).first()
    seen = Proposal.objects.visible_to(person).filter(
        pk__in=Follow.objects.filter(person=person).values("proposal")
    )
    page = NoticesPage(
        mail=row.mail if row else NoticeSettings.Mail.EACH,
        choices=[(str(value), str(words)) for value, words in NoticeSettings.Mail.choices],
        followed=list(seen.select_related("committee").order_by("-state_since", "-pk")),
        devices=list(PushSubscription.objects.filter(person=person).order_by("-made_at")),
        push_key=keys.public_key(),
    )
    return shell.page(request, "inbox/notices.html", page, here="notices")


def _saved(request: HttpRequest, person: Person) -> HttpResponse:
    chosen = request.POST.get("mail", "")
    if chosen in NoticeSettings.Mail.values:
        NoticeSettings.objects.update_or_create(person=person, defaults={"mail": chosen})
        messages.success(request, _("Your settings of notices are saved."))
    else:
        messages.error(request, _("Choose how you want to be told, then save."))
    return HttpResponseRedirect(reverse("notices"))


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a plan that the person sees, or stop following it."""
    person = viewer_of(request).person
    proposal = _PROPOSAL.get_or_404(person, pk)
    if request.method != "POST":
        page = FollowPage(proposal=proposal, followed=following.is_followed(proposal, person))
        return shell.page(request, "inbox/follow.html", page, here="proposals")
    if request.POST.get("follow") == "no":
        following.unfollow(proposal, person)
        messages.success(request, _("You do not follow the plan any more."))
    else:
        following.follow(proposal, person)
        messages.success(request, _("You follow the plan: each change of its state is told."))
    return HttpResponseRedirect(reverse("proposal", args=[proposal.pk]))
