"""The inbox: what was sent to the person, unread first."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import BooleanField, ExpressionWrapper, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from committee.models import Message
from pages.inbox import message_texts
from web import shell
from web.lists.paging import page_of, query
from web.viewer import viewer_of

_READ = ExpressionWrapper(Q(read_at__isnull=False) | Q(done_at__isnull=False), output_field=BooleanField())
#: the largest id that the database holds
_LAST = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """The person's messages, a page of them."""

    letters: list[message_texts.Letter]
    #: the id of the newest, up to which all may be marked as read; None without any
    newest: int | None
    page: Page[Message]
    query: str
    unread_only: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The person's messages, all of them or those unread."""
    who = viewer_of(request)
    rows = Message.objects.filter(person=who.person)
    unread_only = request.GET.get("show") == "unread"
    if unread_only:
        rows = rows.unread()
    page = page_of(request, rows.annotate(was_read=_READ).order_by("was_read", "-at", "-pk"))
    shown = Inbox(
        letters=message_texts.compose(list(page.object_list), who.person),
        newest=Message.objects.filter(person=who.person).aggregate(newest=Max("pk"))["newest"],
        page=page,
        query=query(request, "show"),
        unread_only=unread_only,
    )
    return shell.page(request, "inbox/messages.html", shown, here="messages")


@require_safe
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """The message is read, and leads to its object, or to the inbox where that is not to be seen any more."""
    who = viewer_of(request)
    message = get_object_or_404(Message, pk=min(pk, _LAST), person=who.person)
    if request.method == "GET":
        Message.objects.unread().filter(pk=message.pk).update(read_at=clock.now())
    (letter,) = message_texts.compose([message], who.person)
    return HttpResponseRedirect(letter.url or reverse("messages"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """The person's messages up to the newest that the page knew are read."""
    newest = request.POST.get("last", "")
    if newest.isascii() and newest.isdecimal() and int(newest) <= _LAST:
        rows = Message.objects.unread().filter(person=viewer_of(request).person, pk__lte=int(newest))
        rows.in_turn().update(read_at=clock.now())
        messages.success(request, _("All messages are marked as read."))
    return HttpResponseRedirect(reverse("messages"))


@require_POST
def read_one(request: HttpRequest, pk: int) -> HttpResponse:
    """One message of the person's is read; 404 for another's."""
    message = get_object_or_404(Message, pk=min(pk, _LAST), person=viewer_of(request).person)
    Message.objects.unread().filter(pk=message.pk).update(read_at=clock.now())
    return HttpResponseRedirect(reverse("messages"))
