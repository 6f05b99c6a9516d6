"""Files on their way into the ledger: kept, taken in by the worker, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from threading import Thread

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from committee.models import Person
from portfolio import storage
from portfolio.actions import tapes
from portfolio.models import Arrival, Institution
from regulation.refused import Refused

#: the job, by its name
TAKE_IN = "take_in_tape"
_S = Arrival.Stage
#: the stages in the order in which they are shown
STAGES = (_S.WAITING, _S.READING, _S.JUDGING, _S.LOANS, _S.BALANCES, _S.FIGURES)
ENDED = (_S.DONE, _S.REFUSED, _S.FAILED)


def begin(
    scope: Institution, *, by: Person, as_of: date, name: str, chunks: Iterable[bytes], check_only: bool
) -> Arrival:
    """The file is kept, and the worker is asked to take it in, in one transaction."""
    with storage.received(chunks) as file:
        storage.keep(file)
        with transaction.atomic():
            now = timezone.now()
            arrival = Arrival.objects.create(
                scope=scope,
                as_of=as_of,
                sha256=file.sha256,
                name=name,
                check_only=check_only,
                by=by,
                at=now,
                stage_at=now,
            )
            app.configure_task(TAKE_IN).defer(pk=arrival.pk)
    return arrival


def take_in(pk: int) -> None:
    """Hand the kept file in as its person; what came of it, or the refusal, stands with the arrival."""
    arrival = Arrival.objects.select_related("scope", "by").filter(pk=pk, stage=_S.WAITING).first()
    if arrival is None or arrival.by is None:
        return
    try:
        tape = tapes.hand_in(
            arrival.scope,
            by=arrival.by,
            file=storage.stored(arrival.sha256),
            as_of=arrival.as_of,
            name=arrival.name,
            check_only=arrival.check_only,
            tell=lambda stage: _tell(pk, stage),
        )
    except Refused as refused:
        context = {str(key): value for key, value in refused.context.items()}
        Arrival.objects.filter(pk=pk).update(
            stage=_S.REFUSED, stage_at=timezone.now(), outcome={"code": refused.code, "context": context}
        )
    except BaseException:
        Arrival.objects.filter(pk=pk).update(stage=_S.FAILED, stage_at=timezone.now())
        raise
    else:
        Arrival.objects.filter(pk=pk).update(stage=_S.DONE, stage_at=timezone.now(), tape=tape)


def _tell(pk: int, stage: str) -> None:
    """The stage is seen at once: another connection writes it, beside the transaction of the import."""

    def write() -> None:
        try:
            Arrival.objects.filter(pk=pk).update(stage=stage, stage_at=timezone.now())
        finally:
            connection.close()

    thread = Thread(target=write, daemon=True)
    thread.start()
    thread.join()
