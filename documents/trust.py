"""Whom signatures and time stamps are believed: authorities, and the lists of what they have revoked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from asn1crypto import crl, pem, x509
from pyhanko_certvalidator import ValidationContext

_CERTIFICATES = (".pem", ".crt", ".cer")
_LISTS = (".crl", ".pem")


@dataclass(frozen=True)
class Trust:
    """Authorities and revocation lists (DER); `fetch` also asks for the lists that certificates name."""

    anchors: tuple[bytes, ...]
    lists: tuple[bytes, ...] = ()
    fetch: bool = False

    @cached_property
    def digest(self) -> str:
        """A name of all this, for what is remembered under it."""
        found = hashlib.sha256(str(self.fetch).encode())
        for each in (*sorted(self.anchors), b"-", *sorted(self.lists)):
            found.update(hashlib.sha256(each).digest())
        return found.hexdigest()

    def context(
        self,
        *,
        moment: datetime | None = None,
        lists: Iterable[bytes] = (),
        certificates: Iterable[x509.Certificate] = (),
    ) -> ValidationContext:
        """Return how a certificate is judged, now or at a moment in the past.

        Every certificate below an authority needs a revocation list or an OCSP answer ("require": pyHanko's
        "hard-fail" passes a certificate that names neither). Of the past a later list tells as well.
        """
        return ValidationContext(
            trust_roots=[x509.Certificate.load(each) for each in self.anchors],
            other_certs=list(certificates),
            moment=moment,
            crls=[crl.CertificateList.load(each) for each in {*self.lists, *lists}],
            allow_fetching=self.fetch and moment is None,
            revocation_mode="require",
            retroactive_revinfo=moment is not None,
        )


def read(anchors: Path | None, lists: Path | None = None, *, fetch: bool = False) -> Trust:
    """Return the certificates (.pem, .crt, .cer) of a folder and the revocation lists (.crl, .pem) of one.

    ValueError with the file's name where one cannot be read.
    """
    return Trust(
        tuple(_each(anchors, _CERTIFICATES, "CERTIFICATE", x509.Certificate)),
        tuple(_each(lists, _LISTS, "X509 CRL", crl.CertificateList)),
        fetch,
    )


def _each(
    folder: Path | None,
    endings: tuple[str, ...],
    kind: str,
    shape: type[x509.Certificate | crl.CertificateList],
) -> Iterable[bytes]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in endings:
            continue
        data = path.read_bytes()
        try:
            parts = (
                [part for name, _, part in pem.unarmor(data, multiple=True) if name == kind]
                if pem.detect(data)
                else [data]
            )
            for part in parts:
                shape.load(part, strict=True).native  # noqa: B018 - the whole of it is read, or refused
        except ValueError as wrong:
            raise ValueError(f"{path} is no {kind.lower()}: {wrong}") from wrong
        yield from parts
