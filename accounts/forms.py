"""Forms for signing in, the profile and the password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import sign_ins
from committee.models import Person
from regulation.text import folded_identifier
from web.forms.fields import Line

_THEMES = (
    ("system", gettext_lazy("As the system")),
    ("light", gettext_lazy("Light")),
    ("dark", gettext_lazy("Dark")),
)
#: each language is named in that language
_LANGUAGES = (("en", "English"), ("zh-hans", "中文"))


class SignInForm(AuthenticationForm):
    """Login and password; spellings of the login that look alike are taken as one."""

    def clean_username(self) -> str:
        """The login in its folded form, by which it is stored and looked up."""
        login = folded_identifier(self.cleaned_data["username"])
        stored = Person.objects.filter(login_key=login).values_list("username", flat=True).first()
        return stored or login


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's takes none when it runs
    """The person's language, appearance, e-mail address and telephone number."""

    theme = forms.ChoiceField(label=gettext_lazy("Appearance"), choices=_THEMES)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=_LANGUAGES,
        help_text=gettext_lazy("Of the pages in this browser, and of mail to you."),
    )

    password = forms.CharField(
        label=gettext_lazy("Your password, once more"),
        help_text=gettext_lazy(
            "Asked only when the e-mail address changes; the old one and the new one are told."
        ),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = Person
        fields = ["language", "email", "phone"]
        field_classes = {"phone": Line}
        labels = {"email": gettext_lazy("E-mail address"), "phone": gettext_lazy("Telephone")}
        help_texts = {
            "email": gettext_lazy("Messages are sent here too; without one they are in your inbox alone."),
            "phone": gettext_lazy("The chair sees it when a meeting is called at once."),
        }
        widgets = {
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        }

    field_order = ["language", "theme", "phone", "email", "password"]

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "label_suffix": ""})
        self.request = request
        self.former = self.instance.email

    def clean_email(self) -> str:
        """Check that the address belongs to a domain of the bank, where such domains are set."""
        email: str = self.cleaned_data["email"]
        domain = email.rpartition("@")[2].lower()
        if email and settings.MAIL_DOMAINS and domain not in settings.MAIL_DOMAINS:
            raise ValidationError(
                _("Enter an address of the bank: %(domains)s.")
                % {"domains": ", ".join(settings.MAIL_DOMAINS)}
            )
        return email

    def clean(self) -> dict[str, Any]:
        """Require the password for a new e-mail address; checked only when all else is valid."""
        given = super().clean() or self.cleaned_data
        if not self.errors and given["email"] != self.former:
            try:
                sign_ins.require_password(
                    self.request,
                    self.instance,
                    given.get("password", ""),
                    wrong=sign_ins.wrong_own_password(),
                )
            except ValidationError as error:
                self.add_error("password", error)
        return given


class PasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.label_suffix = ""
        self.fields["new_password1"].help_text = _(
            "Ten to 128 characters, not only digits; no common one, nothing that repeats itself, and nothing "
            "like your name or login."
        )
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        """Check the old password; a wrong one is counted as at the login."""
        password: str = self.cleaned_data["old_password"]
        sign_ins.require_password(self.request, self.user, password, wrong=sign_ins.wrong_own_password())
        return password

    def clean(self) -> dict[str, Any]:
        """Check that the new password differs from the old one."""
        given = super().clean() or self.cleaned_data
        if given.get("old_password") and given["old_password"] == given.get("new_password1"):
            self.add_error("new_password1", _("This is the password that you have. Choose another one."))
        return given
