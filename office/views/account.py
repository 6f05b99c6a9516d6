"""Signing in, and what is one's own: profile, password, sessions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from committee.models import Person
from office import frame, sessions, submitting, throttle
from office.forms.account import PasswordForm, ProfileForm, SignInForm


class Login(LoginView):
    """Signing in, in the reader's display; one who is signed in already goes to the desk."""

    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **frame.display(self.request)}

    def form_valid(self, form: Any) -> HttpResponse:
        """The session has its end, the browser is known, and it and the person speak one language."""
        response = super().form_valid(form)
        sessions.begin(self.request)
        person = form.get_user()
        throttle.remember(response, person)
        if not person.language:
            Person.objects.filter(pk=person.pk).update(language=translation.get_language())
        elif settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            frame.remember(response, language=person.language)
        return response


def locked(request: HttpRequest, *_given: Any) -> HttpResponse:
    """Too many wrong passwords, for this login from this address or of either: the page says for how long.

    What axes hands over differs with the kind of server; what it notes on the request does not.
    """
    login = (getattr(request, "axes_credentials", None) or {}).get("username")
    lock = throttle.lock(request, login)
    left = max(1, int((lock or throttle.pause(request, login)).total_seconds()))
    context = {
        "minutes": -(-left // 60),
        "paused": not lock,
        "next": request.POST.get("next", ""),
        **frame.display(request),
    }
    response = render(request, "registration/locked.html", context, status=429)
    response["Retry-After"] = str(left)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The person's own language, appearance, address and telephone."""
    person = frame.standing(request).person
    kept = submitting.kept(request)
    if request.method == "POST":
        form = ProfileForm(request.POST, instance=Person.objects.get(pk=person.pk))
        if form.is_valid():
            response = HttpResponseRedirect(submitting.carry_out(request, lambda: _saved(request, form)))
            chosen = form.cleaned_data
            frame.remember(response, theme=chosen["theme"], language=chosen["language"])
            return response
    else:
        shown = {"theme": frame.display(request)["theme"], "language": translation.get_language()}
        form = ProfileForm(instance=person, initial=shown | (kept.dict() if kept else {}))
    status = 422 if form.errors else 200
    context = {"form": form, "kept": kept is not None}
    return frame.page(request, "office/profile.html", context, here="profile", status=status)


def _saved(request: HttpRequest, form: ProfileForm) -> str:
    """Where saving leads; told in the language just chosen."""
    form.save()
    with translation.override(form.cleaned_data["language"]):
        messages.success(request, _("Your profile is saved."))
    return reverse("profile")


class Password(PasswordChangeView):
    """A new password; it ends all other sessions of the person."""

    form_class = PasswordForm
    success_url = reverse_lazy("profile")

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        """The session in which it was changed goes on."""
        return HttpResponseRedirect(submitting.carry_out(self.request, lambda: self._changed(form)))

    def _changed(self, form: PasswordForm) -> str:
        led_to: str = super().form_valid(form)["Location"]
        messages.success(
            self.request, _("Your password is changed. Everywhere else you have to sign in with it.")
        )
        return led_to

    def render_to_response(self, context: dict[str, Any], **_kwargs: Any) -> HttpResponse:
        """The form in the frame of every page."""
        form = context["form"]
        return frame.page(
            self.request,
            "office/password.html",
            {"form": form, "kept": submitting.kept(self.request) is not None},
            here="profile",
            status=422 if form.errors else 200,
        )


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """The session ends a whole session's time from now; then back to the page, or a script's answer."""
    sessions.begin(request)
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"left": sessions.remaining(request).left})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(back if safe else reverse("desk"))


@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """All sessions of the person have ended, this one too."""
    Person.objects.filter(pk=frame.standing(request).person.pk).update(session_epoch=F("session_epoch") + 1)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return HttpResponseRedirect(reverse("login"))
