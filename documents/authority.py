"""An authority for demonstrations and tests: certificates, keys in PKCS#12, revocation lists, time stamps.

It is made by `manage.py demo_ca` and has no place in a bank's own installation, which trusts the authority
that the bank names (`documents.trust`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.keys.internal import (
    translate_pyca_cryptography_cert_to_asn1,
    translate_pyca_cryptography_key_to_asn1,
)
from pyhanko.sign.timestamps import DummyTimeStamper

#: bits of the keys of signers; the authority's own are longer
BITS, BITS_OF_AUTHORITY = 2048, 3072
#: how far certificates reach back, so that a clock that is a little late reads them as valid
_BACK = timedelta(hours=1)
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
#: what a signer's certificate is for: non-repudiation, which X.509 calls content commitment by now
SIGNER_USAGE = frozenset({"digital_signature", "content_commitment"})


@dataclass(frozen=True)
class Holder:
    """Whom a certificate names: the name, the person's number in the bank, an address of mail."""

    name: str
    number: str = ""
    email: str = ""


@dataclass(frozen=True)
class Issued:
    """A certificate with its key, and the authority's certificate."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    issuer: x509.Certificate

    def as_pkcs12(self, pin: str) -> bytes:
        """The certificate, its key and the authority as PKCS#12 under this PIN."""
        return pkcs12.serialize_key_and_certificates(
            self.certificate.subject.rfc4514_string().encode()[:60],
            self.key,
            self.certificate,
            [self.issuer],
            serialization.BestAvailableEncryption(pin.encode()),
        )

    def timestamper(self, at: datetime | None = None) -> DummyTimeStamper:
        """A time-stamping authority with this certificate, on the system's clock or always at one moment."""
        return DummyTimeStamper(
            translate_pyca_cryptography_cert_to_asn1(self.certificate),
            translate_pyca_cryptography_key_to_asn1(self.key),
            fixed_dt=at,
        )


@dataclass(frozen=True)
class Authority:
    """A root with its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @classmethod
    def make(cls, name: str, *, at: datetime, days: int = 3650) -> Authority:
        """Return a new root that is valid for so many days from `at` on."""
        key = _key(BITS_OF_AUTHORITY)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _begun(subject, subject, key, at - _BACK, at + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage({"key_cert_sign", "crl_sign"}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def read(cls, pem: bytes) -> Authority:
        """Return the root of `as_pem`; ValueError for anything else."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("the authority's key is no RSA key")  # noqa: TRY004 - of the file, not of a type
        return cls(x509.load_pem_x509_certificate(pem), key)

    def as_pem(self) -> bytes:
        """The root with its key."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + self.certificate.public_bytes(serialization.Encoding.PEM)

    @cached_property
    def _identifier(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())

    def signer(
        self,
        holder: Holder,
        *,
        at: datetime,
        days: int = 730,
        usage: Collection[str] = SIGNER_USAGE,
        bits: int = BITS,
    ) -> Issued:
        """Return a certificate for signing, valid for so many days from `at` on."""
        key = _key(bits)
        names = [x509.NameAttribute(NameOID.COMMON_NAME, holder.name)]
        if holder.number:
            names.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, holder.number))
        issuer = self.certificate.subject
        building = (
            _begun(x509.Name(names), issuer, key, at - _BACK, at + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(usage), critical=True)
            .add_extension(self._identifier, critical=False)
        )
        if holder.email:
            mail = x509.SubjectAlternativeName([x509.RFC822Name(holder.email)])
            building = building.add_extension(mail, critical=False)
        return Issued(building.sign(self.key, hashes.SHA256()), key, self.certificate)

    def time_stamping(self, name: str, *, at: datetime, days: int = 3650) -> Issued:
        """Return a certificate for time stamps (RFC 3161)."""
        key = _key(BITS)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _begun(subject, self.certificate.subject, key, at - _BACK, at + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage({"digital_signature"}), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return Issued(certificate, key, self.certificate)

    def revoked(
        self,
        serials: Mapping[int, datetime],
        *,
        at: datetime,
        days: int = 30,
        number: int = 1,
    ) -> bytes:
        """Return the revocation list as DER: serial numbers and since when; the next is due after `days`."""
        building = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(at - _BACK)
            .next_update(at + timedelta(days=days))
            .add_extension(self._identifier, critical=False)
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        for serial, since in serials.items():
            building = building.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
            )
        return building.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def serve(timestamper: DummyTimeStamper, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """Return a time-stamping authority over HTTP (RFC 3161, 3.4), not yet serving; port 0 chooses a free one.

    ValueError for a host that other machines reach: whoever reaches it has time stamps of the demo.
    """
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError("the demo's time stamps are for this machine alone")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Answer a request for a time stamp; 400 for anything else."""
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 < length <= 10_000:
                self.send_error(400)
                return
            try:
                request = tsp.TimeStampReq.load(self.rfile.read(length))
                answer = timestamper.request_tsa_response(request).dump()
            except (ValueError, TypeError):
                self.send_error(400)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing: who signs is in the audit log."""

    return ThreadingHTTPServer((host, port), Handler)


def _key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _usage(usage: Collection[str]) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in usage for name in _USAGES})


def _begun(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
