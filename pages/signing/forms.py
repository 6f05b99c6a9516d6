"""Forms that take a key or a signed file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents import credentials, verify
from office import keys
from office.models import SignerKey
from web.forms import ActForm


def pin_field(help_text: Any = "") -> forms.CharField:
    """The PIN of a key; it is never saved with the input of a form."""
    return forms.CharField(
        label=_("PIN of your key"),
        help_text=help_text,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class KeyForm(ActForm):
    """A PKCS#12 with its PIN, or the PIN of the person's token."""

    beside: ClassVar[Mapping[str, str]] = {
        "document/wrong-pin": "pin",
        "document/key-locked": "pin",
        "document/key-unreadable": "file",
    }

    kind = forms.ChoiceField(label=_("Where the key is"), choices=SignerKey.Kind.choices)
    file = forms.FileField(
        label=_("PKCS#12 file"),
        help_text=_("Key and certificate in one file (.p12 or .pfx), up to 100 kB."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".p12,.pfx"}),
    )
    pin = pin_field(_("It opens the key and is not kept."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not keys.token_of(self.who.person):
            del self.fields["kind"]

    def clean(self) -> dict[str, Any]:
        """A file where one is asked for."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if cleaned.get("kind", SignerKey.Kind.FILE) == SignerKey.Kind.FILE:
            if file is None and "file" not in self.errors:
                self.add_error("file", ValidationError(_("Choose the file with your key.")))
            elif file is not None and file.size > credentials.MOST_BYTES:
                self.add_error("file", ValidationError(_("The file is larger than 100 kB: it is no key.")))
        return cleaned


class VerifyForm(forms.Form):
    """A signed file."""

    file = forms.FileField(
        label=_("Signed file (PDF)"),
        help_text=_("Up to 20 MB. It is looked at and not kept."),
        widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}),
    )

    def clean_file(self) -> Any:
        """The file, if it is not too large."""
        file = self.cleaned_data["file"]
        if file.size > verify.MOST_BYTES:
            raise ValidationError(_("The file is larger than 20 MB."))
        return file
