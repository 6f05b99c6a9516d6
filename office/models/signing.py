"""Keys of signers, and the signed file of minutes."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from committee.models import Person
from office.models.minutes import Minutes


class SignerKey(models.Model):
    """A person's key for signing: the public part, and what is known of its use.

    The private part is in a file of SIGNER_KEYS that a PIN opens, or on a token.
    """

    #: wrong PINs in a row that lock a key
    TRIES = 5

    class Kind(models.TextChoices):
        FILE = "file", _("PKCS#12 file")
        TOKEN = "token", _("PKCS#11 token")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    #: DER
    certificate = models.BinaryField(_("certificate"))
    #: SHA-256 over the certificate
    fingerprint = models.CharField(_("digest"), max_length=64)
    name = models.CharField(_("name"), max_length=200)
    issuer = models.CharField(_("issuer"), max_length=200)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    #: wrong PINs since the last right one
    wrong = models.PositiveSmallIntegerField(_("wrong PINs"), default=0)
    locked_at = models.DateTimeField(_("locked at"), null=True, blank=True)
    added_at = models.DateTimeField(_("added at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("key for signing")
        verbose_name_plural = _("keys for signing")
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(withdrawn_at=None), name="one_key_a_person"
            ),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=models.Q(withdrawn_at=None), name="one_person_a_certificate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint[:8]})"

    @property
    def subject(self) -> str:
        """The key as named in audit entries."""
        return f"key:{self.pk}"

    @property
    def path(self) -> Path:
        """Where the PKCS#12 lies."""
        return key_path(self.fingerprint)


def key_path(fingerprint: str) -> Path:
    """Return where the PKCS#12 with this certificate lies."""
    return Path(settings.SIGNER_KEYS) / f"{fingerprint}.p12"


class MinutesFile(models.Model):
    """The frozen text of minutes as a file, and how far it is signed.

    It ends when the minutes are amended; with the last signature it is in effect and never changes again.
    """

    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, related_name="files", verbose_name=_("minutes")
    )
    #: that of the minutes when they were frozen
    digest = models.CharField(_("digest"), max_length=64)
    #: the fields in the order of signing: `field`, `label`, `seat` (number or null), `person` (id, null for
    #: whoever presides), `page`, `box`
    fields = models.JSONField(_("fields"))
    #: of the file as it is signed so far
    sha256 = models.CharField(_("checksum"), max_length=64)
    #: bytes
    size = models.PositiveBigIntegerField(_("size"))
    frozen_at = models.DateTimeField(_("frozen at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    effective_at = models.DateTimeField(_("in effect since"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of the minutes")
        verbose_name_plural = _("files of the minutes")
        constraints = [
            models.UniqueConstraint(
                fields=["minutes"], condition=models.Q(ended_at=None), name="one_file_of_minutes"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(effective_at=None), name="ended_or_in_effect"
            ),
        ]
        indexes = [models.Index(fields=["sha256"], name="minutes_file_by_checksum")]

    def __str__(self) -> str:
        return f"{self.minutes} {self.sha256[:8]}"

    @property
    def path(self) -> Path:
        """Where the file lies, by its checksum."""
        return signed_path(self.sha256)


def signed_path(sha256: str) -> Path:
    """Return where a signed file with this checksum lies."""
    return Path(settings.MEDIA_ROOT) / "signed" / sha256[:2] / f"{sha256}.pdf"


class MinutesSignature(models.Model):
    """A signature in the file of minutes."""

    file = models.ForeignKey(
        MinutesFile,
        on_delete=models.PROTECT,
        related_name="signatures",
        verbose_name=_("file of the minutes"),
    )
    field = models.CharField(_("field"), max_length=20)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    key = models.ForeignKey(
        SignerKey, on_delete=models.PROTECT, related_name="+", verbose_name=_("key for signing")
    )
    signed_at = models.DateTimeField(_("signed at"))
    #: of the file with this signature
    sha256 = models.CharField(_("checksum"), max_length=64)

    class Meta:
        verbose_name = _("signature on minutes")
        verbose_name_plural = _("signatures on minutes")
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["file", "field"], name="one_signature_a_field"),
            models.UniqueConstraint(fields=["file", "person"], name="one_signature_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.field}"
