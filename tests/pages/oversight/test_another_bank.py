"""Two banks on one installation: who oversees the one is shown nothing of the other's, by no address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry, Examination
from audit.recording import SYSTEM
from committee.actions import people
from committee.models import Resolution
from pages.oversight.irregularities.listing import KINDS
from pages.oversight.urls import urlpatterns
from tests.office.dossier.decided import carried_case
from tests.office.dossier.sealing import LOG, seal_all
from tests.pages.pages import as_
from tests.stage import Stage, as_owner, check_constraints, stages
from web.exports import jobs
from web.exports.logs import Part
from web.models import Export

#: what nobody of the other bank may read
NAME = "Zebedee Quagga"
OVERSEERS = ("auditor", "head_office", "risk")


theirs_alone = stages("theirs_alone", carried_case)
ours_alone = stages("ours_alone", carried_case)


class Two(NamedTuple):
    """The bank with something to hide, and the one whose people look."""

    theirs: Stage
    ours: Stage


@pytest.fixture
def two(theirs_alone: Stage, ours_alone: Stage) -> Two:
    for handle in ("seat2", "liaison", "auditor"):
        person = theirs_alone.now(theirs_alone[handle])
        people.change_person(person, by=SYSTEM, changes={"display_name": f"{NAME} {handle}"})
    return Two(theirs_alone, ours_alone)


@pytest.fixture
def sealed(two: Two, settings: Any) -> Two:
    settings.LOG_KEY = LOG.written()
    seal_all()
    check_constraints()
    return two


def theirs(two: Two) -> dict[str, list[list[Any]]]:
    """The addresses of what is theirs, and those of all, by the names of the pages."""
    stage = two.theirs
    pk = Resolution.objects.get(item__meeting=stage.meeting).pk
    streams = [stage.meeting.stream, stage.proposal.stream, stage.committee.stream]
    streams.append(f"office:{stage.committee.bank_id}")
    return {
        **{name: [[pk]] for name in ("dossier", "dossier-pdf", "dossier-prepared", "dossier-proofs")},
        "dossier-proof": [[pk, stage.meeting.stream, 1]],
        "stream": [[each] for each in streams],
        "entry": [[each, 1] for each in streams],
        "entry-proof": [[each, 1] for each in streams],
    }


@pytest.mark.parametrize("handle", OVERSEERS)
def test_what_is_theirs_is_not_there(sealed: Two, handle: str) -> None:
    client = as_(sealed.ours[handle])
    own = as_(sealed.theirs["auditor"])
    for name, asked in theirs(sealed).items():
        for args in asked:
            address = reverse(name, args=args)
            assert client.get(address).status_code == 404, address
            assert own.get(address).status_code in (200, 302), address


@pytest.mark.parametrize("handle", OVERSEERS)
def test_no_list_search_or_count_has_any_of_it(sealed: Two, handle: str) -> None:
    client, own = as_(sealed.ours[handle]), as_(sealed.theirs[handle])
    hidden = [
        NAME, sealed.theirs.meeting.stream, sealed.theirs.proposal.stream, sealed.theirs.committee.stream,
        f"/{sealed.theirs.meeting.pk}/", sealed.theirs.committee.branch.bank.name,
    ]  # fmt: skip
    given = {"checkpoint-file": None, "checkpoint-consistency": None}
    for pattern in urlpatterns:
        name = str(pattern.name)
        if name in {*theirs(sealed), *given, "verify", "sign-in-unlock", "archive", "archive-part",
                    "exception", "exceptions-file", "figure-cases"}:  # fmt: skip
            continue
        for query in ({}, {"q": "Quagga"}, {"q": str(sealed.theirs["seat2"].username)}):
            answer = client.get(reverse(name), query)
            text = answer.content.decode()
            for word in hidden:
                assert word not in text, (name, query, word)
    for kind in KINDS:
        address = reverse("exception", args=[kind, f"meeting:{sealed.theirs.meeting.pk}"])
        assert client.get(address).status_code == 404, kind
    if handle == "auditor":
        assert NAME in own.get(reverse("entries")).content.decode()


def test_no_export_of_theirs_or_of_all_can_be_had(sealed: Two, tmp_path: Any, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    client = as_(sealed.ours["auditor"])
    meeting, proposal = sealed.theirs.meeting.pk, sealed.theirs.proposal.pk
    size = Entry.objects.count()
    for kind, of in (("meeting", meeting), ("proposal", proposal), ("all", 0), ("since", size)):
        address = reverse("export-log", args=[kind, of])
        assert client.get(address).status_code == 404, kind
        assert client.post(address).status_code == 404, kind
        # a job that was put in line in another way
        asked = jobs.request_file(Export.LOG, Part(kind, of).address, sealed.ours["auditor"])
        with pytest.raises(PermissionError):
            jobs.build(asked.pk)
    made = jobs.request_file(Export.LOG, Part("meeting", meeting).address, sealed.theirs["auditor"])
    for name in ("export-progress", "export-file"):
        assert client.get(reverse(name, args=[made.pk])).status_code == 404


def test_checks_and_anomalies_tell_each_of_their_own(sealed: Two) -> None:
    row = Entry.objects.filter(stream=sealed.theirs.meeting.stream, action="open_vote").get()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    as_owner("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    as_owner("UPDATE audit_entry SET actor = '0' WHERE stream = {} AND seq = {}", row.stream, row.seq)
    ours, own = as_(sealed.ours["auditor"]), as_(sealed.theirs["auditor"])
    assert ours.post(reverse("verify"), {"stream": row.stream}).status_code == 404
    for client, verified in ((ours, True), (own, False)):
        client.post(reverse("verify"), {"stream": ""})
        text = client.get(reverse("streams")).content.decode()
        assert ("does not verify" in text) != verified
    now = timezone.now()
    Examination.objects.create(
        kind="entries", began_at=now, ended_at=now + timedelta(seconds=1), entries=9,
        faults=[[row.stream, row.seq, "is not what its hash was made of", {}]],
    )  # fmt: skip
    assert "is not what its hash was made of" not in ours.get(reverse("anomalies")).content.decode()
    assert "is not what its hash was made of" in own.get(reverse("anomalies")).content.decode()


def test_the_differences_of_two_checkpoints_name_each_their_own(sealed: Two) -> None:
    size = Entry.objects.count()
    query = {"old": 1, "new": size}
    ours = as_(sealed.ours["auditor"]).get(reverse("checkpoint-differences"), query).content.decode()
    assert sealed.theirs.meeting.stream not in ours
    assert NAME not in ours


def test_a_ballot_of_theirs_is_not_found_by_its_receipt(sealed: Two) -> None:
    theirs = Resolution.objects.get(item__meeting=sealed.theirs.meeting)
    number = next(iter(theirs.ballots))["commitment"]
    client = as_(sealed.ours["auditor"])
    for name in ("entries", "streams", "dossiers"):
        text = client.get(reverse(name), {"q": number}).content.decode()
        assert reverse("stream", args=[sealed.theirs.meeting.stream]) not in text
