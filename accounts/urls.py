"""Addresses of signing in and of a person's own account."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
    path("profile/extend/", views.extend, name="session-extend"),
    path("profile/end/", views.end_all, name="sessions-end"),
]
