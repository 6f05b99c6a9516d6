"""The addresses of what is sent and received."""

from django.urls import path

from pages.meetings.dispatches import views
from web import act

urlpatterns = [
    path("dispatches/", views.index, name="dispatches"),
    path("outbox/", views.outbox, name="outbox"),
    path("dispatches/<int:pk>/", views.detail, name="dispatch"),
    path("dispatches/<int:pk>/package/", views.package, name="dispatch-package"),
    path("dispatches/<int:pk>/<slug:verb>/", act.dispatch, name="dispatch-act"),
]
