"""Signatures on a PDF (PAdES, ETSI EN 319 142-1): B-T for each signer, and B-LTA when the last one is in.

The first signature certifies the file and allows the other fields to be signed and nothing else. Functions
take and return the bytes of a file; a refusal leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from datetime import UTC, datetime, timedelta

from asn1crypto import cms, tsp
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields as pdf_fields
from pyhanko.sign import signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore, collect_validation_info
from pyhanko.sign.validation.pdf_embedded import collect_embedded_signatures
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.errors import ValidationError

from documents.credentials import Opened
from documents.fields import AppendingWriter, ended, written
from documents.trust import Trust
from regulation.refused import Refused

#: how far the clock of a time-stamping authority may be from ours
TOLERANCE = timedelta(minutes=5)
DIGEST = "sha256"
END = "end"


class CheckedTimeStamper(TimeStamper):
    """Asks an authority for time stamps and believes none that is of something else or of another time.

    `document/no-timestamp` for every way in which it fails.
    """

    def __init__(self, inner: TimeStamper) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko's own has no types
        self._inner = inner

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask the authority."""
        return await self._inner.async_request_tsa_response(req)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return the time stamp of the digest."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            stated = token["content"]["encap_content_info"]["content"].parsed
            imprint = stated["message_imprint"]
            same = imprint["hashed_message"].native == message_digest
            near = abs(stated["gen_time"].native - datetime.now(UTC)) <= TOLERANCE
        except Refused:
            raise
        except Exception as failed:  # whatever another's answer leads to
            raise Refused("document/no-timestamp") from failed
        if not same or not near:
            raise Refused("document/no-timestamp")
        return token


def timestamper(url: str, seconds: float) -> CheckedTimeStamper:
    """Return the authority at this address, which has so many seconds for an answer.

    `document/no-timestamp` without an address.
    """
    if not url:
        raise Refused("document/no-timestamp")
    return CheckedTimeStamper(HTTPTimeStamper(url, timeout=seconds))


def sign(
    pdf: bytes,
    *,
    field: str,
    key: Opened,
    timestamps: TimeStamper | None,
    stamp: bytes | None = None,
    certify: bool = False,
    reason: str = "",
    location: str = "",
) -> bytes:
    """Return the file with this field signed (B-T; B-B without time stamps).

    `stamp` is a PDF whose first page is shown in the field. `certify` for the first signature of the file.
    ValueError for a field that is not there or is signed already; `document/no-timestamp`.
    """
    writer = AppendingWriter(io.BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        subfilter=pdf_fields.SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=pdf_fields.MDPPerm.FILL_FORMS,
        reason=reason or None,
        location=location or None,
    )
    with tempfile.NamedTemporaryFile(suffix=".pdf") as drawn:
        style = None
        if stamp is not None:
            drawn.write(stamp)
            drawn.flush()
            style = StaticStampStyle.from_pdf_file(
                drawn.name,
                border_width=0,
                background_layout=layout.SimpleBoxLayoutRule(
                    layout.AxisAlignment.ALIGN_MIN, layout.AxisAlignment.ALIGN_MIN, layout.Margins.uniform(0)
                ),
            )
        signer = signers.PdfSigner(metadata, signer=key.signer, timestamper=timestamps, stamp_style=style)
        out = io.BytesIO()
        try:
            signer.sign_pdf(writer, existing_fields_only=True, output=out)
        except SigningError as wrong:
            raise ValueError(str(wrong)) from wrong
    return ended(out.getvalue())


def close(pdf: bytes, *, trust: Trust, timestamps: TimeStamper) -> bytes:
    """Return the file with what its signatures are judged by (DSS), and a time stamp over all (B-LTA).

    `document/no-timestamp`; `document/certificate-unchecked` when no list tells of a certificate.
    """
    return ended(asyncio.run(_closed(pdf, trust, timestamps)))


async def _closed(pdf: bytes, trust: Trust, timestamps: TimeStamper) -> bytes:
    context = trust.context()
    try:
        paths = []
        for embedded in collect_embedded_signatures(PdfFileReader(io.BytesIO(pdf))):
            paths += await collect_validation_info(embedded, context)
        writer = AppendingWriter(io.BytesIO(pdf))
        DocumentSecurityStore.supply_dss_in_writer(
            writer, None, paths=paths, validation_context=context, embed_roots=True
        )
    except ValidationError as unchecked:
        raise Refused("document/certificate-unchecked") from unchecked
    finally:
        await context.aclose()
    out = io.BytesIO()
    stamper = signers.PdfTimeStamper(timestamps, field_name=END)
    await stamper.async_timestamp_pdf(AppendingWriter(io.BytesIO(ended(written(writer)))), DIGEST, output=out)
    return out.getvalue()
