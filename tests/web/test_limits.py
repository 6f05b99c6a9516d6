"""What one person may ask for at once and within a minute, where an answer costs much."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from committee.models import Person
from proposals import drawing
from proposals.drawing import Places, Undrawable
from tests.config.served import until
from tests.page_text import page_text
from web import idempotent_forms, limits


def somebody(number: int = 1) -> Person:
    return Person.objects.create(username=f"p{number}", staff_no=f"{number}", display_name="甲")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def few(settings: Any, kind: str, at_once: int, a_minute: int) -> None:
    settings.LIMITS = {**settings.LIMITS, kind: (at_once, a_minute)}


def test_more_than_a_minute_s_share_is_refused_with_the_time_to_wait(db: None, settings: Any) -> None:
    few(settings, limits.SEARCH, 4, 2)
    client, other = signed_in(somebody(1)), signed_in(somebody(2))
    address = f"{reverse('search')}?q=abc"
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(address, headers={"Accept-Language": "en"})
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Too many requests of this kind at once" in page_text(answer)
    assert other.get(address).status_code == 200
    assert client.get("/").status_code == 200


def test_the_share_is_there_again_after_a_minute(settings: Any, monkeypatch: Any) -> None:
    few(settings, limits.EXPORT, 9, 2)
    now = 1000.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    counters = limits.Counters()
    assert [counters.begin(limits.EXPORT, 1) for _ in range(3)] == [0, 0, 60]
    now += limits.MINUTE
    assert counters.begin(limits.EXPORT, 1) == 0
    now += 2 * limits.MINUTE
    counters.begin(limits.EXPORT, 2)
    assert list(counters._begun) == [(limits.EXPORT, 2)]


def asked(person: Person) -> Any:
    request = RequestFactory().get("/search/")
    request.user = person
    return request


def test_what_is_at_work_is_counted_until_it_is_sent(db: None, settings: Any) -> None:
    few(settings, limits.EXPORT, 1, 100)
    person = somebody()

    @limits.limited(limits.EXPORT)
    def stream(request: Any) -> Any:
        return StreamingHttpResponse(iter(["a"]))

    @limits.limited(limits.EXPORT)
    def breaks(request: Any) -> HttpResponse:
        raise ZeroDivisionError

    first = stream(asked(person))
    assert (first.status_code, stream(asked(person)).status_code) == (200, 429)
    first.close()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            breaks(asked(person))
    assert stream(asked(person)).status_code == 200


def test_a_program_that_sends_much_is_told_in_json_before_it_is_read(db: None, settings: Any) -> None:
    few(settings, limits.LARGE, 2, 1)
    client = signed_in(somebody())
    large = b" " * limits.LARGE_BYTES + b"{}"
    answers = [client.post("/api/submit/", large, content_type="application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 429]
    assert answers[1]["Content-Type"] == "application/problem+json"
    assert answers[1].json()["code"] == "request/too-many"
    assert int(answers[1]["Retry-After"]) > 0
    assert client.post("/api/submit/", b"{}", content_type="application/json").status_code == 400


def test_what_was_typed_is_kept_when_too_much_was_sent(db: None, settings: Any) -> None:
    few(settings, limits.LARGE, 2, 0)
    person = somebody()
    client = signed_in(person)
    typed = {"once": idempotent_forms.form_token(person), "text": "字" * 30_000, "password": "secret"}
    answer = client.post(reverse("profile"), urlencode(typed), content_type=FORM)
    assert answer.status_code == 429
    sent = client.session["kept"]
    assert (sent["path"], sent["person"]) == (reverse("profile"), person.pk)
    assert "text=" in sent["sent"]
    assert "secret" not in sent["sent"]
    stranger = signed_in(somebody(2))
    stranger.post(reverse("profile"), urlencode(typed), content_type=FORM)
    assert "kept" not in stranger.session


def test_a_ballot_is_not_kept_when_too_much_was_sent(db: None, settings: Any) -> None:
    few(settings, limits.LARGE, 2, 0)
    person = somebody()
    client = signed_in(person)
    ballot = {"once": idempotent_forms.form_token(person), "choice": "against", "reason": "字" * 30_000}
    address = reverse("proposal-act", args=[1, "cast"])
    assert client.post(address, urlencode(ballot), content_type=FORM).status_code == 429
    assert "kept" not in client.session


FORM = "application/x-www-form-urlencoded"


def test_what_a_page_sends_by_itself_keeps_nobody_from_saving(db: None, settings: Any) -> None:
    few(settings, limits.TYPED, 2, 1)
    few(settings, limits.LARGE, 2, 1)
    client = signed_in(somebody())
    large = urlencode({"text": "字" * 30_000})

    def sent(name: str) -> int:
        return client.post(reverse(name, args=[1, "loans"]), large, content_type=FORM).status_code

    assert [sent("plan-keep"), sent("plan-figures"), sent("plan-keep")] == [404, 429, 429]
    assert [sent("plan-step"), sent("plan-step")] == [404, 429]


@pytest.mark.parametrize(("name", "args"), [("plan-import", [1, "loans"]), ("plan-generate", [1])])
def test_a_table_however_small_is_counted_and_what_was_pasted_is_kept(
    db: None, settings: Any, name: str, args: list[Any]
) -> None:
    few(settings, limits.IMPORT, 2, 1)
    person = somebody()
    client, address = signed_in(person), reverse(name, args=args)
    typed = {"once": idempotent_forms.form_token(person), "text": "合同号"}
    assert [client.post(address, typed).status_code for _ in range(2)] == [404, 429]
    assert "kept" in client.session
    assert client.get(address).status_code == 404  # looking is not counted


def test_nobody_has_all_places_and_who_waits_too_long_is_told(monkeypatch: Any) -> None:
    places = Places(at_once=3, a_person=2)
    with places.taken(1, 0), places.taken(1, 0):
        with pytest.raises(Undrawable, match="busy"), places.taken(1, 0.01):
            pass
        with places.taken(2, 0), pytest.raises(Undrawable, match="busy"), places.taken(3, 0.01):
            pass
    with places.taken(1, 0):
        assert dict(places._taken) == {1: 1}
    assert not places._taken


def test_who_waits_for_a_place_gets_the_next_that_is_free() -> None:
    places, waiting = Places(at_once=1, a_person=1), threading.Event()

    def wait() -> str:
        waiting.set()
        with places.taken(2, 60):
            return "drawn"

    with ThreadPoolExecutor(1) as thread:
        with places.taken(1, 0):
            drawn = thread.submit(wait)
            assert waiting.wait(60)
            assert not drawn.done()
        assert drawn.result(60) == "drawn"


def test_a_child_that_says_too_much_or_never_ends_is_ended_with_all_that_it_started(
    tmp_path: Any, monkeypatch: Any
) -> None:
    child = tmp_path / "child.py"
    monkeypatch.setattr(drawing, "__file__", str(child))
    child.write_text("import sys; sys.stdout.write('x' * 10_000_000)")
    with pytest.raises(Undrawable, match="damaged"):
        drawing.count(tmp_path, "PDF")
    assert len(drawing._child_answer(())) == drawing._ANSWER
    told = tmp_path / "told"
    child.write_text(
        "import subprocess, sys, time\n"
        f"inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(told)!r}, 'w').write(str(inner.pid))\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr(drawing, "SECONDS", 2)
    with pytest.raises(Undrawable, match="time"):
        drawing.count(tmp_path, "PDF")
    until(lambda: state_of(told.read_text()) in {"", "Z"}, "what the child had started goes on")


def state_of(process: str) -> str:
    """The state of a process as the kernel has it; empty for one that is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
