"""Messages as mail, each in its reader's language.

A message is marked as mailed after it left. Whoever is killed in between sends it once more, under the same
Message-ID, by which mail programs know it for the same.
"""

from __future__ import annotations

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audit import clock
from committee.models import Meeting, Message
from office import invitations, letters

#: mail on a meeting that goes into the reader's calendar, or out of it
_WITH_INVITATION = frozenset({"send_notice", "cancel_meeting", "authorise_proxy"})


def send(pk: int) -> None:
    """The message has left, unless it had before, is a rehearsal's, or its person has no address."""
    rows = Message.objects.select_related("person")
    message = rows.filter(pk=pk, to_mail=True, mailed_at=None, person__is_active=True).first()
    if message is None or not message.person.email:
        return
    mail_of(message).send()
    Message.objects.filter(pk=pk).update(mailed_at=clock.now())


def mail_of(message: Message) -> EmailMessage:
    """The mail to the message's person, as the person may read it now."""
    language = message.person.language or settings.LANGUAGE_CODE
    with translation.override(language):
        (letter,) = letters.compose([message], message.person)
        subject = f"{letter.heading} {letter.number}".strip()
        body = render_to_string(
            "mail/message.txt",
            {"letter": letter, "link": _link(message)},
        )
        mail = EmailMessage(
            _("[Lianxi] %(subject)s") % {"subject": subject},
            body,
            to=[message.person.email],
            headers={
                "Message-ID": message_id(message),
                "Auto-Submitted": "auto-generated",
                "Content-Language": language,
            },
        )
        if message.kind in _WITH_INVITATION and letter.number:
            mail.attach("lianxi.ics", _invitation(message), "text/calendar")
        return mail


def _invitation(message: Message) -> bytes:
    """The meeting that the message is about, as its state is now."""
    pk = int(message.about.partition(":")[2])
    meeting = Meeting.objects.select_related("committee").get(pk=pk)
    address = f"{settings.SITE_URL}{reverse('meeting', args=[pk])}" if settings.SITE_URL else ""
    return invitations.invitation(meeting, reader=message.person, address=address)


def _link(message: Message) -> str:
    return f"{settings.SITE_URL}{reverse('message', args=[message.pk])}" if settings.SITE_URL else ""


def message_id(message: Message) -> str:
    """The same for every mail of this message, and for no other's."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{message.pk}.{message.at.timestamp():.0f}@{domain}>"
