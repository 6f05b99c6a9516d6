"""The addresses of keys and of verification."""

from django.urls import path

from pages.signing import views

urlpatterns = [
    path("profile/key/", views.key, name="signing-key"),
    path("profile/key/withdraw/", views.withdraw, name="signing-key-withdraw"),
    path("verify/", views.verify, name="verify-file"),
]
