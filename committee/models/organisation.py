"""Units, people, the positions that they hold, and the committees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committee.models.lines import LineField
from regulation.text import folded_identifier


class FoldedField(models.TextField):  # type: ignore[type-arg]  # Django's takes none when it runs
    """The comparable form of an identifier: another field of the row, folded whenever the row is saved."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"editable": False}))
        self.of = of

    def deconstruct(self) -> Any:
        """The field for migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: ARG002, FBT001  Django's signature
        """The other field's value, folded."""
        folded = folded_identifier(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded


class Unit(models.Model):
    """An organisation unit; the tree's root is the bank's head office."""

    class Kind(models.TextChoices):
        HEAD_OFFICE = "head_office", _("Head office")
        BRANCH = "branch", _("Branch")
        SUB_BRANCH = "sub_branch", _("Sub-branch")
        DEPARTMENT = "department", _("Department")

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    #: the head office at the root of the tree; for the root itself
    bank = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("bank")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    name = LineField(_("name"), max_length=120)
    #: the group to which django-guardian grants the institution's proposals
    handlers = models.OneToOneField(
        Group, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handlers")
    )

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="one_unit_of_a_name"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(parent=None), name="one_bank_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    """Creates people; without a password a person cannot sign in."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Person:
        """Save and return a person with a hashed password."""
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        """The person of the login, in any spelling that folds to it."""
        return self.get(login_key=folded_identifier(username or ""))

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Person:
        """Save and return an administrator of people, units and roles."""
        fields.setdefault("staff_no", username)
        fields.setdefault("display_name", username)
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    """A person employed by the bank, identified by staff number and display name."""

    username = LineField(_("login"), max_length=80, unique=True)
    staff_no = LineField(_("staff number"), max_length=40)
    login_key = FoldedField(_("login, folded"), of="username", unique=True)
    staff_key = FoldedField(_("staff number, folded"), of="staff_no")
    display_name = LineField(_("display name"), max_length=80)
    bank = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("bank")
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="people", verbose_name=_("unit")
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = LineField(_("telephone"), max_length=40, blank=True)
    #: the language last chosen, used for mail; empty for the site's
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("administrator"), default=False)
    #: the password was set by the administrator and must be changed at the next sign-in
    password_given = models.BooleanField(_("password given"), default=False, editable=False)
    #: sessions with a lower number are invalid
    session_epoch = models.PositiveIntegerField(_("session epoch"), default=0, editable=False)

    #: fields that the application's role must not write: only the database's owner makes an administrator
    STAYING = frozenset({"id", "bank", "is_staff", "is_superuser"})

    objects = PersonManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["staff_no", "display_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(fields=["bank", "staff_key"], name="one_person_a_staff_number"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the row; for a stored row without the fields that no page changes (`config/tables.py`)."""
        if update_fields is None and not self._state.adding and not kwargs.get("force_insert"):
            update_fields = {field.name for field in self._meta.concrete_fields} - self.STAYING
        super().save(*args, update_fields=update_fields, **kwargs)

    def get_full_name(self) -> str:
        """The display name."""
        return self.display_name

    def get_short_name(self) -> str:
        """The display name."""
        return self.display_name

    @property
    def session_value(self) -> str:
        """The value whose change ends the person's sessions: password and epoch."""
        return f"{self.password}:{self.session_epoch}"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's session hash, from password and epoch."""
        value, salt = self.session_value, "committee.Person.session"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()


def position_roles() -> list[tuple[str, str | Promise]]:
    """The roles that a position can give, with names: those of the offices (`committee/offices.py`)."""
    from committee.offices import OFFICES  # offices import these models

    return [(office.role, office.name) for office in OFFICES.values() if office.role]


class Position(models.Model):
    """A role of a person for a unit.

    A handler, a head and a collector have it for their institution, a credit or risk officer for the branch,
    a supervising office for itself, head office and audit for the bank.
    """

    class Role(models.TextChoices):
        """Roles that code or messages name; other roles are in the offices' table only."""

        HANDLER = "handler", _("Handler")
        HEAD = "head", _("Head of the handling institution")
        CREDIT = "credit", _("Credit officer")
        RISK = "risk", _("Risk department")
        HEAD_OFFICE = "head_office", _("Head office")
        AUDITOR = "auditor", _("Auditor")
        COLLECTOR = "collector", _("Collector")
        OFFICE = "office", _("Supervising office")

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="positions", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=12, choices=position_roles)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="positions", verbose_name=_("unit"))

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "unit"], name="one_position_of_a_kind"),
        ]
        indexes = [models.Index(fields=["unit", "role"])]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_role_display()} · {self.unit}"


class Committee(models.Model):
    """A branch's joint committee with its office (Art. 3 to 5); a branch can have several."""

    branch = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="committees", verbose_name=_("branch")
    )
    name = LineField(_("name"), max_length=120)
    #: the abbreviation in document numbers, as 呼联 in 呼联〔2026〕3号
    abbreviation = LineField(_("abbreviation"), max_length=12)
    timezone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    #: the acting liaison (Art. 5)
    liaison = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="liaison_of", verbose_name=_("liaison")
    )

    class Meta:
        verbose_name = _("committee")
        verbose_name_plural = _("committees")
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="one_committee_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which the committee's calendar days are counted."""
        return ZoneInfo(self.timezone)

    @property
    def bank_id(self) -> int:
        """The head office above its branch."""
        assert self.branch.bank_id is not None
        return self.branch.bank_id

    @property
    def stream(self) -> str:
        """The audit stream of roster and regulation."""
        return f"committee:{self.pk}"

    @property
    def subject(self) -> str:
        """The committee as named in audit entries."""
        return f"committee:{self.pk}"
