"""What people are told of: an inbox each, and the mail."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.organisation import Person


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by whether they were read."""

    def unread(self) -> MessageQuerySet:
        """Those not opened yet."""
        return self.filter(read_at=None)


class Message(models.Model):
    """Something that needs or concerns a person: what happened, to what, with the facts of it.

    The words are made in the reader's language when it is read or mailed.
    """

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="messages", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=40)
    #: the object, named as in audit entries: proposal:3, meeting:4, committee:1, docket:2
    about = models.CharField(_("about"), max_length=40)
    context = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("sent at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    #: a rehearsal's are not mailed
    to_mail = models.BooleanField(_("to be mailed"), default=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="messages_of_a_person"),
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="unread_messages"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
