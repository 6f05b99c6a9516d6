"""The daily digest: what was not mailed at once, in one mail, as its reader may read it now."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from committee.messages import ASKS
from committee.models import Message, Person
from pages.inbox import message_texts
from pages.models import NoticeSettings

#: kinds that are mailed at once, whatever the person has chosen: what has its hour, what the regulation
#: delivers, and what concerns the own login
AT_ONCE = frozenset(
    {
        "send_notice", "notice_to_proxy", "authorise_proxy", "request_abstention", "propose_cancellation",
        "appoint_acting_chair", "lock_sign_in", "unlock_sign_in", "give_password", "change_password",
        "change_email",
        *message_texts.FAREWELLS,
    }
)  # fmt: skip
#: what is older is told by the inbox alone
_OLDEST = timedelta(days=7)


def waits(message: Message) -> bool:
    """Whether the message is left to the daily digest."""
    if message.kind in AT_ONCE:
        return False
    return NoticeSettings.objects.filter(person=message.person_id, mail=NoticeSettings.Mail.DAILY).exists()


def people() -> list[int]:
    """The ids of those to whom a digest is due."""
    daily = NoticeSettings.objects.filter(mail=NoticeSettings.Mail.DAILY, person__is_active=True)
    with_address = daily.exclude(person__email="").order_by("person")
    return list(with_address.values_list("person", flat=True))


def send(person: int) -> None:
    """The person's messages that were neither mailed nor read nor done leave as one mail; none, no mail.

    They are marked after the mail has left: a worker killed in between sends it again.
    """
    reader = Person.objects.get(pk=person)
    rows = Message.objects.unread().filter(
        person=reader, to_mail=True, mailed_at=None, at__gte=clock.now() - _OLDEST
    )
    found = list(rows.exclude(kind__in=AT_ONCE).order_by("-at", "-pk"))
    if not found:
        return
    mail_of(reader, found).send()
    Message.objects.filter(pk__in=[row.pk for row in found]).update(mailed_at=clock.now())


def mail_of(reader: Person, found: list[Message]) -> EmailMessage:
    """The digest in the reader's language, what asks for an act first."""
    language = reader.language or settings.LANGUAGE_CODE
    with translation.override(language):
        letters = message_texts.compose(sorted(found, key=lambda row: row.kind not in ASKS), reader)
        link = f"{settings.SITE_URL}{reverse('messages')}" if settings.SITE_URL else ""
        return EmailMessage(
            _("[Lianxi] %(subject)s") % {"subject": _("Messages of the day")},
            render_to_string("mail/digest.txt", {"letters": letters, "link": link}),
            to=[reader.email],
            headers={"Auto-Submitted": "auto-generated", "Content-Language": language},
        )
