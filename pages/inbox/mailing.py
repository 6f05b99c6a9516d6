"""Messages as mail, each in its reader's language.

A message is marked as mailed after it was sent. A worker killed in between sends it again under the same
Message-ID, by which mail programs recognise it.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from committee.models import Meeting, Message, Person
from pages.calendar import invitations
from pages.inbox import digest, message_texts

#: mail on a meeting that goes into the reader's calendar; what takes it out again is among letters.FAREWELLS
_INVITING = frozenset({"send_notice", "authorise_proxy", "notice_to_proxy"})


def send(pk: int) -> None:
    """The message has left, unless it had before, is a rehearsal's, or its person has no address."""
    rows = Message.objects.select_related("person")
    message = rows.filter(pk=pk, to_mail=True, mailed_at=None, person__is_active=True).first()
    if message is None or not message.person.email or digest.waits(message):
        return
    mail_of(message).send()
    Message.objects.filter(pk=pk).update(mailed_at=clock.now())


def mail_of(message: Message) -> EmailMessage:
    """The mail to the message's person, as the person may read it now."""
    language = message.person.language or settings.LANGUAGE_CODE
    with translation.override(language):
        letter, seen = _letter(message)
        subject, body = _worded(message, letter)
        mail = EmailMultiAlternatives(
            subject,
            body,
            to=[message.person.email],
            headers={
                "Message-ID": message_id(message),
                "Auto-Submitted": "auto-generated",
                "Content-Language": language,
            },
        )
        written = _calendar(message, seen=seen)
        if written:
            _add_calendar(mail, written)
        return mail


def written(message: Message) -> tuple[str, str]:
    """Subject and body of the mail, in its reader's language; without the link of one not stored yet."""
    with translation.override(message.person.language or settings.LANGUAGE_CODE):
        return _worded(message, _letter(message)[0])


def _letter(message: Message) -> tuple[message_texts.Letter, bool]:
    """The message in words, and whether its reader still sees what it is about."""
    (letter,) = message_texts.compose([message], message.person)
    seen = bool(letter.number)
    if not seen and message.kind in message_texts.FAREWELLS:
        letter = message_texts.farewell(message)
    return letter, seen


def _worded(message: Message, letter: message_texts.Letter) -> tuple[str, str]:
    subject = f"{letter.heading} {letter.number}".strip()
    body = render_to_string("mail/message.txt", {"letter": letter, "link": _link(message)})
    return _("[Lianxi] %(subject)s") % {"subject": subject}, body


def send_to_former(person: Person, kind: str, address: str) -> None:
    """The address that was the person's has the heading of the message, and whose it is, no more of it."""
    language = person.language or settings.LANGUAGE_CODE
    with translation.override(language):
        heading = str(message_texts.KINDS[kind].heading)
        body = render_to_string(
            "mail/former_address.txt", {"heading": heading, "person": person, "site": settings.SITE_URL}
        )
        EmailMessage(
            _("[Lianxi] %(subject)s") % {"subject": heading},
            body,
            to=[address],
            headers={"Auto-Submitted": "auto-generated", "Content-Language": language},
        ).send()


def _add_calendar(mail: EmailMultiAlternatives, written: bytes) -> None:
    """Attach the calendar object twice: as an alternative, which calendars process, and as a file.

    The type of the alternative must name the object's method (RFC 6047, 2.4), or calendars treat it as a file
    only.
    """
    media_type = f"text/calendar; method={invitations.method_of(written)}"
    mail.attach_alternative(written.decode(), media_type)
    mail.attach("lianxi.ics", written, media_type)


def _calendar(message: Message, *, seen: bool) -> bytes:
    """The calendar object for the message at present; empty where it does not affect the calendar."""
    if message.kind not in _INVITING | message_texts.FAREWELLS.keys():
        return b""
    pk = int(message.about.partition(":")[2])
    meeting = Meeting.objects.select_related("committee", "regulation").get(pk=pk)
    invited = invitations.invited(meeting, message.person)
    inviting = message.kind in _INVITING
    if seen and (meeting.state == Meeting.State.CANCELLED or (inviting and invited)):
        address = f"{settings.SITE_URL}{reverse('meeting', args=[pk])}" if settings.SITE_URL else ""
        return invitations.invitation(meeting, reader=message.person, address=address)
    if invited or inviting:
        return b""
    known = _last_known(message)
    return invitations.cancellation(meeting, at=known[0], place=known[1]) if known else b""


def _last_known(message: Message) -> tuple[datetime, str] | None:
    """The time and place of the meeting that the reader was last told while invited."""
    rows = Message.objects.filter(person=message.person, about=message.about, pk__lte=message.pk)
    rows = rows.filter(kind__in=_INVITING | message_texts.FAREWELLS.keys() - {"cancel_meeting"})
    announced = rows.filter(context__has_keys=["at", "place"]).order_by("-pk").first()
    if announced is None:
        return None
    return datetime.fromisoformat(announced.context["at"]), announced.context["place"]


def _link(message: Message) -> str:
    if not settings.SITE_URL or message.pk is None:
        return ""
    return f"{settings.SITE_URL}{reverse('message', args=[message.pk])}"


def message_id(message: Message) -> str:
    """The same for every mail of this message, and for no other's."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{message.pk}.{message.at.timestamp():.0f}@{domain}>"
