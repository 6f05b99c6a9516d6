"""A process that signs minutes and kills itself at a step: python -m tests.office.signing_once.

It reads one line of JSON: the meeting, the person, the PIN, the settings, and the step at which it ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django


def killed(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def before(function: Callable[..., Any]) -> Callable[..., Any]:
    del function
    return killed


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        function(*args, **named)
        killed()

    return call


def main() -> None:
    django.setup()
    from django.conf import settings

    from audit import recording
    from committee.models import Meeting, Person
    from office import signed_files
    from office.actions import signing

    order = json.loads(sys.stdin.readline())
    for name, value in order["settings"].items():
        setattr(settings, name, value)
    steps: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "before the signature": (signing.sign, "sign", before),
        "when it is signed": (signing.sign, "close", after),
        "when it is written": (signed_files.os, "fsync", after),
        "before it is renamed": (signed_files.Path, "replace", before),
        "when it is renamed": (signed_files, "_flush", after),
        "when the rows are there": (signing, "take_effect", after),
        "before the log is written": (recording, "_write", before),
        "when the log is written": (recording, "_write", after),
    }
    if order["step"] in steps:
        place, name, when = steps[order["step"]]
        setattr(place, name, when(getattr(place, name)))
    meeting, by = Meeting.objects.get(pk=order["meeting"]), Person.objects.get(pk=order["person"])
    signing.sign_electronically(meeting, by=by, pin=order["pin"])
    if order["step"] == "when it is committed":
        killed()


if __name__ == "__main__":
    main()
