"""Signatures on a paper: fields, B-T, B-LTA, PDF/A; time stamps not believed (documents/sign.py)."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import pikepdf
import pypdfium2
import pytest
from asn1crypto import tsp
from pyhanko.pdf_utils import generic
from pyhanko.sign.timestamps import TimeStamper

from documents import authority, fields, sign, stamp, verify
from documents.trust import Trust
from regulation.refused import Refused
from tests.documents import signing
from tests.documents.sheets import faults

BYTERANGE = "PDFA3A-SIGNATURE-BYTERANGE-001"
STAMP = stamp.stamp("签署人", signing.NOW, width=174.0, height=16.0, language="zh-hans")


def rules(pdf: bytes) -> set[str]:
    return {rule for rule, _ in faults(pdf, ua=False)}


def signed_once(timestamps: TimeStamper | None, **beside: Any) -> bytes:
    return sign.sign(
        signing.paper(), field="liaison", key=signing.opened(), timestamps=timestamps, certify=True, **beside
    )


def test_all_fields_are_there_before_the_first_signature_and_stand_on_their_lines() -> None:
    pdf = signing.paper(signing.NAMES)
    assert fields.state(pdf) == dict.fromkeys(signing.NAMES, False)
    assert rules(pdf) == set()
    document = pypdfium2.PdfDocument(pdf)
    with closing(document), pikepdf.open(io.BytesIO(pdf)) as file:
        for number, name in enumerate(signing.NAMES):
            field = file.Root.AcroForm.Fields[number]
            _, base, _, _ = (float(each) for each in field.Rect)
            page, label = fields.places(pdf, [f"{name}（签名）"])[0]
            assert label == pytest.approx(base, abs=0.01)
            assert field.P.objgen == file.pages[page].objgen


def test_the_newline_that_typst_leaves_out_is_there_before_the_next_object() -> None:
    assert fields.ended(b"%%EOF") == fields.ended(b"%%EOF\n") == b"%%EOF\n"


@pytest.mark.parametrize("end", [b"x", b"\n", b"\r", b"\r\n", b"\0"])
def test_a_stream_may_end_as_it_will(end: bytes) -> None:
    writer = fields.AppendingWriter(io.BytesIO(signing.paper()))
    writer.add_object(generic.StreamObject(stream_data=b"a certificate" + end))
    assert rules(fields.written(writer)) == set()


def test_a_field_is_named_once_and_the_fields_are_made_once() -> None:
    one = fields.Field("chair", 0, (0, 0, 1, 1), "")
    with pytest.raises(ValueError, match="twice"):
        fields.add(signing.paper(), [one, one])
    with pytest.raises(ValueError, match="already"):
        fields.add(signing.paper(), [one])
    with pytest.raises(ValueError, match="does not stand"):
        fields.places(signing.paper(), ["nobody（签名）"])


def test_one_signature_stays_pdf_a_3a_and_later_ones_fail_the_byte_range_rule_alone() -> None:
    one = signed_once(signing.stamps(), stamp=STAMP)
    assert rules(one) == set()
    two = sign.sign(one, field="chair", key=signing.opened(), timestamps=signing.stamps(), stamp=STAMP)
    closed = sign.close(two, trust=signing.trust(), timestamps=signing.stamps())
    assert rules(two) == rules(closed) == {BYTERANGE}
    checked = verify.check(closed, signing.trust())
    assert checked.sound, checked
    assert [each.field for each in checked.signatures] == ["liaison", "chair"]
    assert {(each.name, each.number) for each in checked.signatures} == {("签署人", "S-001")}


def test_the_metadata_are_left_alone() -> None:
    """pyHanko would write them anew and lose what PDF/A demands of extensions."""

    def metadata(pdf: bytes) -> bytes:
        with pikepdf.open(io.BytesIO(pdf)) as file:
            return file.Root.Metadata.read_bytes()

    assert metadata(signing.signed()) == metadata(signing.paper())


def test_the_stamp_is_drawn_in_its_field() -> None:
    def ink(pdf: bytes) -> int:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()
        with closing(document):
            page, base = fields.places(pdf, ["liaison（签名）"])[0]
            sheet = document[page]
            top = sheet.get_height() - base - 16
            drawn = sheet.render(scale=2, may_draw_forms=True).to_pil().convert("L")
            return sum(drawn.crop((700, int(top * 2), 1030, int((top + 14) * 2))).histogram()[:128])

    assert ink(signed_once(None, stamp=STAMP)) > ink(signing.paper()) + 200


def test_only_a_field_that_is_there_and_empty_is_signed() -> None:
    for field in ("chairr", "seat1"):
        with pytest.raises(ValueError, match="No empty signature field"):
            sign.sign(signing.paper(), field=field, key=signing.opened(), timestamps=None)
    with pytest.raises(ValueError, match="filled already"):
        sign.sign(signed_once(None), field="liaison", key=signing.opened(), timestamps=None)


def test_eleven_signatures_are_valid_and_the_first_certifies() -> None:
    pdf = signing.signed(signing.NAMES)
    checked = verify.check(pdf, signing.trust())
    assert checked.sound, checked
    assert [each.field for each in checked.signatures] == list(signing.NAMES)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert int(file.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 2
        assert "/DSS" in file.Root


# Time stamps


class Lying(TimeStamper):
    """Stamps something else, or another time."""

    def __init__(self, *, digest: bytes | None = None, late: timedelta = timedelta()) -> None:
        super().__init__()
        self._digest = digest
        self._inner = signing.stamping().timestamper(signing.NOW + late if late else None)

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        if self._digest is not None:
            req["message_imprint"]["hashed_message"] = self._digest
        return self._inner.request_tsa_response(req)


@pytest.mark.parametrize(
    "lying",
    [Lying(digest=b"\0" * 32), Lying(late=timedelta(days=1)), Lying(late=-timedelta(days=1))],
    ids=["digest", "late", "early"],
)
def test_a_lying_authority_is_not_believed(lying: TimeStamper) -> None:
    with pytest.raises(Refused) as refused:
        signed_once(sign.CheckedTimeStamper(lying))
    assert refused.value.code == "document/no-timestamp"


def test_an_authority_that_nobody_trusts_is_found_when_what_was_written_is_read() -> None:
    strange = signing.another_root().time_stamping("Somebody's clock", at=signing.NOW)
    pdf = signed_once(sign.CheckedTimeStamper(strange.timestamper()))
    (one,) = verify.check(pdf, signing.trust()).signatures
    assert one.fault is verify.Fault.NO_TIMESTAMP
    assert one.at is None


@contextmanager
def answering(answer: bytes, kind: str = "application/timestamp-reply", wait: float = 0) -> Iterator[str]:
    """A server that gives this answer to whatever is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(wait)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield url


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_time_stamps_come_over_http() -> None:
    with running(authority.serve(signing.stamping().timestamper())) as url:
        pdf = signed_once(sign.timestamper(url, 5))
    (one,) = verify.check(pdf, signing.trust()).signatures
    assert one.valid
    assert one.at is not None


@pytest.mark.parametrize(
    "answer",
    [b"", b"\0", b"<html>busy</html>", bytes.fromhex("30053003020102")],
    ids=["nothing", "zero", "html", "rejection"],
)
def test_an_authority_that_answers_anything_else_gives_no_time_stamp(answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(Refused) as refused:
        signed_once(sign.timestamper(url, 5))
    assert refused.value.code == "document/no-timestamp"


def test_an_answer_of_another_kind_is_none() -> None:
    with answering(b"ok", "text/plain") as url, pytest.raises(Refused) as refused:
        signed_once(sign.timestamper(url, 5))
    assert refused.value.code == "document/no-timestamp"


def test_an_authority_that_is_down_slow_or_not_named_refuses_the_signature() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as none:
        port = none.getsockname()[1]
    with answering(b"", wait=10) as slow:
        for url, seconds in ((f"http://127.0.0.1:{port}/", 5.0), (slow, 0.2), ("", 1.0)):
            begun = time.monotonic()
            with pytest.raises(Refused) as refused:
                signed_once(sign.timestamper(url, seconds))
            assert refused.value.code == "document/no-timestamp"
            assert time.monotonic() - begun < 8  # before the answer


def test_the_demo_authority_answers_this_machine_alone_and_nothing_but_requests() -> None:
    with pytest.raises(ValueError, match="this machine"):
        authority.serve(signing.stamping().timestamper(), "0.0.0.0")
    with running(authority.serve(signing.stamping().timestamper())) as url:

        async def asked(data: bytes) -> int:
            async with aiohttp.ClientSession() as session, session.post(url, data=data) as answer:
                return answer.status

        assert [asyncio.run(asked(each)) for each in (b"", b"nonsense", b"x" * 20_000)] == [400, 400, 400]


def test_without_a_revocation_list_the_paper_is_not_closed() -> None:
    pdf = signed_once(signing.stamps())
    with pytest.raises(Refused) as refused:
        sign.close(pdf, trust=Trust(signing.trust().anchors), timestamps=signing.stamps())
    assert refused.value.code == "document/certificate-unchecked"
