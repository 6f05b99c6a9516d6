"""The site that `benchmarks.flow` loads: the real one, and beside it a bare page behind the same middleware.

Usage: python -m config.serving benchmarks.flow_site:application
"""

from pathlib import Path

from benchmarks import site  # it sets Django up and notes statements, for what follows

from django.conf import settings  # isort: skip
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config import urls

TABLE = """
CREATE TABLE bare_page (name text PRIMARY KEY, kind text NOT NULL, body text NOT NULL);
GRANT SELECT, INSERT, UPDATE ON bare_page TO PUBLIC;
"""


class Page(models.Model):
    """The bytes that the site answered, for the bare page to answer them as well."""

    name = models.TextField(primary_key=True)
    kind = models.TextField()
    body = models.TextField()

    class Meta:
        app_label = "benchmarks"
        db_table = "bare_page"
        managed = False

    def __str__(self) -> str:
        return self.name


def bare(request: HttpRequest, name: str) -> HttpResponse:
    """These bytes: one statement and one template."""
    page = Page.objects.get(name=name)
    return render(request, "bare.html", {"body": page.body}, content_type=page.kind)


urlpatterns = [
    path("bare/<slug:name>/", bare),
    path("statements/", site.statements),
    *urls.urlpatterns,
]
settings.ROOT_URLCONF = "benchmarks.flow_site"
settings.TEMPLATES[0]["DIRS"].append(Path(__file__).parent / "templates")

from config.asgi import application  # noqa: F401  the real one, with these addresses
