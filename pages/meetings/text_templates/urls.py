"""The address of a committee's templates of texts."""

from django.urls import path

from pages.meetings.text_templates import views

urlpatterns = [path("committees/<int:pk>/templates/", views.index, name="text-templates")]
