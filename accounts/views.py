"""Signing in, and what is one's own: profile, password, sessions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import login_sessions, sign_ins, throttle
from accounts.forms import PasswordForm, ProfileForm, SignInForm
from accounts.models import SignIn
from committee.actions import people
from committee.models import Person
from web import display, shell
from web.forms.page import Input, Shown, form_page
from web.viewer import viewer_of

#: a browser lets go of the pages and what scripts have kept, not of the cookie by which it is known
_CLEARED = '"cache", "storage"'
#: so many of the person's own sign-ins are on the profile
_SHOWN = 20


class Login(LoginView):
    """Signing in, in the reader's display; one who is signed in already goes to the desk."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **display.chosen(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        """The session has its end, the browser is known, and it and the person speak one language."""
        response = super().form_valid(form)
        login_sessions.extend_session(self.request)
        person = form.get_user()
        throttle.remember(self.request, response, person)
        if not person.language:
            Person.objects.filter(pk=person.pk).update(language=translation.get_language())
        elif settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            display.remember(response, language=person.language)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """What is wrong, or for how long no password is taken."""
        answer = getattr(self.request, "sign_in", None)
        if isinstance(answer, sign_ins.Answer) and answer.wait:
            return _locked(self.request, answer)
        return super().form_invalid(form)


def _locked(request: HttpRequest, answer: sign_ins.Answer) -> HttpResponse:
    """Too many wrong passwords for the login, or from here: the page says for how long."""
    context = {
        "minutes": answer.minutes,
        "paused": answer.paused,
        "next": request.POST.get("next", ""),
        **display.chosen(request),
    }
    response = render(request, "registration/locked.html", context, status=429)
    response["Retry-After"] = str(max(1, int(answer.wait.total_seconds())))
    return response


class Logout(LogoutView):
    """Signing out; the browser lets go of what it has kept."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The session has ended, which the register has."""
        if isinstance(request.user, Person):
            sign_ins.register_attempt(request, SignIn.Outcome.SIGNED_OUT, request.user)
        return cleared(super().post(request, *args, **kwargs))


def cleared(response: HttpResponse) -> HttpResponse:
    """The response, on which a browser lets go of pages and storage of this site."""
    response["Clear-Site-Data"] = _CLEARED
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The person's own language, appearance, address and telephone."""
    person = viewer_of(request).person

    def form(given: Input) -> ProfileForm:
        if given.sent is not None:
            return ProfileForm(given.sent, instance=Person.objects.get(pk=person.pk), request=request)
        shown = {"theme": display.chosen(request)["theme"], "language": translation.get_language()}
        saved = given.saved.dict() if given.saved else {}
        return ProfileForm(instance=person, initial=shown | saved, request=request)

    def page(shown: Shown[ProfileForm]) -> HttpResponse:
        own = SignIn.objects.filter(person=person).order_by("-at", "-pk")[:_SHOWN]
        context = {"form": shown.form, "kept": shown.kept, "sign_ins": own}
        return shell.page(request, "accounts/profile.html", context, here="profile", status=shown.status)

    response = form_page(request, form=form, act=lambda form: _saved(request, form), page=page)
    if isinstance(response, HttpResponseRedirect):
        display.remember(response, theme=request.POST["theme"], language=request.POST["language"])
    return response


def _saved(request: HttpRequest, form: ProfileForm) -> str:
    """Where saving leads; told in the language just chosen."""
    chosen = form.cleaned_data
    person = viewer_of(request).person
    Person.objects.filter(pk=person.pk).update(language=chosen["language"], phone=chosen["phone"])
    people.change_email(person, by=person, email=chosen["email"])
    with translation.override(form.cleaned_data["language"]):
        messages.success(request, _("Your profile is saved."))
    return reverse("profile")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A new password; it ends all other sessions of the person."""
    person = viewer_of(request).person

    def page(shown: Shown[PasswordForm]) -> HttpResponse:
        context = {"form": shown.form, "kept": shown.kept, "given": person.password_given}
        return shell.page(request, "accounts/password.html", context, here="profile", status=shown.status)

    return form_page(
        request,
        form=lambda given: PasswordForm(person, given.sent, request=request),
        act=lambda form: _changed(request, form),
        page=page,
    )


def _changed(request: HttpRequest, form: PasswordForm) -> str:
    """Where the change leads; the session in which it was made goes on."""
    person = viewer_of(request).person
    given = person.password_given
    changed = people.change_password(person, by=person, password=form.cleaned_data["new_password1"])
    update_session_auth_hash(request, changed)
    sign_ins.register_attempt(request, SignIn.Outcome.CHANGED, changed, asked=SignIn.Asked.AGAIN)
    messages.success(request, _("Your password is changed. Everywhere else you have to sign in with it."))
    return reverse("desk" if given else "profile")


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """The session ends a whole session's time from now; then back to the page, or a script's answer."""
    login_sessions.extend_session(request)
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"left": login_sessions.remaining_time(request).left})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else reverse("desk"))


@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """All sessions of the person have ended, this one too."""
    person = viewer_of(request).person
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    sign_ins.register_attempt(request, SignIn.Outcome.EVERYWHERE, person)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return cleared(HttpResponseRedirect(reverse("login")))
