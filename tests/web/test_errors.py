"""Requests whose connection to the database broke off."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from web import errors


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 2), ("HEAD", 2), ("POST", 1), ("PUT", 1), ("PATCH", 1), ("DELETE", 1)]
)
def test_what_only_looks_is_answered_once_more_after_its_connection_broke_off_and_an_act_never(method, times):
    answered = []

    def broken_off_at_first(request):
        if not answered:
            errors.let_go(request, None)
        answered.append(request.method)
        return HttpResponse()

    errors.RepeatReading(broken_off_at_first)(RequestFactory().generic(method, "/"))
    assert answered == [method] * times
