"""What people enter about themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committee.models import Person
from regulation.text import folded_identifier

_THEMES = (
    ("system", gettext_lazy("As the system")),
    ("light", gettext_lazy("Light")),
    ("dark", gettext_lazy("Dark")),
)
#: a language is named in itself
_LANGUAGES = (("en", "English"), ("zh-hans", "中文"))


class SignInForm(AuthenticationForm):
    """Login and password; the login in whichever spelling looks like it."""

    def clean_username(self) -> str:
        """The person's login as it is stored, so that every spelling of it counts as one."""
        login = folded_identifier(self.cleaned_data["username"])
        stored = Person.objects.filter(login_key=login).values_list("username", flat=True).first()
        return stored or login


class ProfileForm(forms.ModelForm):
    """Language, appearance, and where one is reached."""

    theme = forms.ChoiceField(label=gettext_lazy("Appearance"), choices=_THEMES)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=_LANGUAGES,
        help_text=gettext_lazy("Of the pages in this browser, and of mail to you."),
    )

    class Meta:
        model = Person
        fields = ["language", "email", "phone"]
        labels = {"email": gettext_lazy("E-mail address"), "phone": gettext_lazy("Telephone")}
        help_texts = {
            "email": gettext_lazy("Messages are sent here too; without one they are in your inbox alone."),
            "phone": gettext_lazy("The chair sees it when a meeting is called at once."),
        }
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        }

    field_order = ["language", "theme", "email", "phone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)

    def clean_email(self) -> str:
        """The address is of the bank's domains, where these are set."""
        email: str = self.cleaned_data["email"]
        domain = email.rpartition("@")[2].lower()
        if email and settings.MAIL_DOMAINS and domain not in settings.MAIL_DOMAINS:
            raise ValidationError(
                _("Enter an address of the bank: %(domains)s.")
                % {"domains": ", ".join(settings.MAIL_DOMAINS)}
            )
        return email


class PasswordForm(PasswordChangeForm):
    """The old password and the new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["new_password1"].help_text = _(
            "At least ten characters, not only digits; no common one, and nothing like your name or login."
        )
        self.fields["new_password2"].help_text = ""
