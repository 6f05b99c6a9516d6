"""Addresses of the installed app."""

from django.urls import path

from pages.push import views

urlpatterns = [
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("worker.js", views.worker, name="worker"),
    path("offline/", views.offline, name="offline"),
    path("push/subscribe/", views.subscribe, name="push-subscribe"),
    path("push/forget/", views.forget, name="push-forget"),
]
