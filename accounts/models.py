"""Sessions, the register of sign-ins, and the counters of password attempts."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from committee.models import Person


class Session(AbstractBaseSession):
    """A session; `session_key` is a digest of its key (see `accounts/sessions.py`)."""

    #: who is signed in, as the session's data say
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("person")
    )

    class Meta(AbstractBaseSession.Meta):
        verbose_name = _("login session")  # type: ignore[assignment]  # a lazy text will do
        verbose_name_plural = _("login sessions")  # type: ignore[assignment]  # see above


class SignIn(models.Model):
    """A line of the register of sign-ins: a password attempt, successful or not, or the end of a session.

    The text entered as the login is not stored, since people also type passwords there. An unknown login is
    stored as a keyed digest, which is the same each time that it is tried.
    """

    class Outcome(models.TextChoices):
        SIGNED_IN = "signed_in", pgettext_lazy("login", "Signed in")
        CONFIRMED = "confirmed", _("Password confirmed")
        WRONG = "wrong", _("Wrong password")
        UNKNOWN = "unknown", _("Unknown login")
        INACTIVE = "inactive", _("Inactive login")
        LOCKED = "locked", _("Not let in: locked")
        PAUSED = "paused", _("Not let in: too many tries from the address")
        SIGNED_OUT = "signed_out", pgettext_lazy("login", "Signed out")
        EVERYWHERE = "everywhere", _("Signed out everywhere")
        CHANGED = "changed", _("Password changed")
        UNLOCKED = "unlocked", _("Lock ended by the administrator")

    class Asked(models.TextChoices):
        LOGIN = "login", _("at signing in")
        AGAIN = "again", _("asked again in a session")
        DEVICE = "device", _("at the liaison's device")

    at = models.DateTimeField(_("time"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    #: keyed digest of an unknown login; empty when the person is known
    login = models.CharField(_("login"), max_length=16, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices)
    asked = models.CharField(_("asked"), max_length=8, choices=Asked.choices, default=Asked.LOGIN)
    address = models.GenericIPAddressField(_("address"), null=True)
    device = models.CharField(_("device"), max_length=80, blank=True)
    #: whether the person had signed in with this browser before
    known = models.BooleanField(_("known browser"), default=False)
    #: how often: attempts refused during one lock are counted in one line
    times = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="sign_ins_of_a_person"),
            models.Index(fields=["at", "id"], name="sign_ins_by_time"),
            models.Index(fields=["login", "-at"], condition=models.Q(person=None), name="unknown_sign_ins"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.outcome}"


class Tries(models.Model):
    """The counter of password attempts within one scope, increased before the password is checked."""

    class Kind(models.TextChoices):
        #: one login from one address, in browsers that are not known
        PAIR = "pair", _("from one address")
        BROWSER = "browser", _("in a known browser")
        SESSION = "session", _("in a session, asked again")
        DEVICE = "device", _("at the liaison's device")
        #: one address, for all logins
        ADDRESS = "address", _("from one address, many logins")
        #: one login, for all addresses
        LOGIN = "login", _("from many addresses")

    #: keyed digest that identifies the scope
    scope = models.CharField(_("scope"), max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    level = models.FloatField(_("tries"))
    last = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("tries of a password")
        verbose_name_plural = _("tries of passwords")
        indexes = [models.Index(fields=["person"], name="tries_of_a_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.level:g}"
