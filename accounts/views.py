"""Views of signing in, and of a person's own profile, password and sessions."""

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

#: what a browser deletes at sign-out: cached pages and script storage, not the cookie by which it is known
_CLEARED = '"cache", "storage"'
#: the number of the person's own sign-ins shown on the profile
_SHOWN = 20


class Login(LoginView):
    """The login page, in the reader's language and appearance; whoever is signed in is sent to the desk."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **display.chosen(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in: set the session's end, remember the browser, and take over the language chosen on the
        page.
        """
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
        """Show the form with the error, or with the time for which attempts are refused."""
        answer = getattr(self.request, "sign_in", None)
        if isinstance(answer, sign_ins.Answer) and answer.wait:
            return _locked(self.request, answer)
        return super().form_invalid(form)


def _locked(request: HttpRequest, answer: sign_ins.Answer) -> HttpResponse:
    """The page shown while the login or the address is locked, with the remaining minutes."""
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
    """Sign out; the browser deletes its cached pages."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session and register it."""
        if isinstance(request.user, Person):
            sign_ins.register_attempt(request, SignIn.Outcome.SIGNED_OUT, request.user)
        return cleared(super().post(request, *args, **kwargs))


def cleared(response: HttpResponse) -> HttpResponse:
    """Add the header that makes the browser delete pages and storage of this site."""
    response["Clear-Site-Data"] = _CLEARED
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The person's language, appearance, e-mail address and telephone number."""
    person = viewer_of(request).person

    def form(given: Input) -> ProfileForm:
        if given.sent is not None:
            return ProfileForm(given.sent, instance=Person.objects.get(pk=person.pk), request=request)
        shown = {"theme": display.chosen(request)["theme"], "language": translation.get_language()}
        saved = given.saved.dict() if given.saved else {}
        return ProfileForm(instance=person, initial=shown | saved, request=request)

    def page(shown: Shown[ProfileForm]) -> HttpResponse:
        own = SignIn.objects.filter(person=person).order_by("-at", "-pk")[:_SHOWN]
        context = {"form": shown.form, "kept": shown.kept, "sign_ins": list(own)}
        return shell.page(request, "accounts/profile.html", context, here="profile", status=shown.status)

    response = form_page(request, form=form, act=lambda form: _saved(request, form), page=page)
    if isinstance(response, HttpResponseRedirect):
        display.remember(response, theme=request.POST["theme"], language=request.POST["language"])
    return response


def _saved(request: HttpRequest, form: ProfileForm) -> str:
    """The address to go to after saving; its message is in the language just chosen."""
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
    """Change the password, which ends all other sessions of the person."""
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
    """The address to go to after the change; the session in which it was made continues."""
    person = viewer_of(request).person
    given = person.password_given
    changed = people.change_password(person, by=person, password=form.cleaned_data["new_password1"])
    update_session_auth_hash(request, changed)
    sign_ins.register_attempt(request, SignIn.Outcome.CHANGED, changed, asked=SignIn.Asked.AGAIN)
    messages.success(request, _("Your password is changed. Everywhere else you have to sign in with it."))
    return reverse("desk" if given else "profile")


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """Extend the session to its full length; redirect back, or answer a script with JSON."""
    login_sessions.extend_session(request)
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"left": login_sessions.remaining_time(request).left})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else reverse("desk"))


@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """End all sessions of the person, this one included."""
    person = viewer_of(request).person
    Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
    sign_ins.register_attempt(request, SignIn.Outcome.EVERYWHERE, person)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return cleared(HttpResponseRedirect(reverse("login")))
