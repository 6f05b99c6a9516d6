"""Messages to people, for their inbox and for mail."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models.organisation import Person


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by whether they are open."""

    def unread(self) -> MessageQuerySet:
        """Messages that are neither read nor done."""
        return self.filter(read_at=None, done_at=None)

    def in_turn(self) -> MessageQuerySet:
        """The messages locked in the order of their ids, so that two writers do not deadlock."""
        rows = self.order_by("pk").select_for_update(of=("self",))
        return Message.objects.filter(pk__in=rows.values("pk"))


class Message(models.Model):
    """A message to a person: what happened, to which object, with facts.

    Its text is composed in the reader's language when it is read or mailed.
    """

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="messages", verbose_name=_("person")
    )
    kind = models.CharField(_("kind"), max_length=40)
    #: the object as named in audit entries: proposal:3, meeting:4, committee:1, docket:2
    about = models.CharField(_("about"), max_length=40)
    context = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("sent at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    #: when the act asked for was done, by anyone, or became impossible (`committee.messages.ASKS`)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    #: messages of rehearsals are not mailed
    to_mail = models.BooleanField(_("to be mailed"), default=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="messages_of_a_person"),
            models.Index(
                fields=["person"],
                condition=models.Q(read_at=None, done_at=None),
                name="messages_still_unread",
            ),
            models.Index(fields=["about"], condition=models.Q(done_at=None), name="messages_not_done"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
