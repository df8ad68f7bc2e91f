"""A certificate authority of one's own, and a server certificate that it signed, for receivers of webhooks."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of one's own")])
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@cache
def _made() -> tuple[bytes, bytes]:
    """The authority's certificate, and the server's with its key, all in PEM."""
    authority, server, now = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1()), _now()
    root = _unsigned(_NAME, authority.public_key(), now)
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    # Python verifies strictly from 3.13 on: the keys of both have to be named, and what the authority's is for.
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    root = root.add_extension(identifier, critical=False).add_extension(_SIGNS, critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = _unsigned(x509.Name([]), server.public_key(), now).add_extension(names, critical=True)
    leaf = leaf.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    key = server.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signed = [builder.sign(authority, SHA256()).public_bytes(Encoding.PEM) for builder in (root, leaf)]
    return signed[0], signed[1] + key


def _now() -> datetime:
    return datetime.now(UTC)


def _unsigned(subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_NAME)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def write_authority(folder: Path) -> Path:
    """Writes the authority's certificate, and returns its file."""
    file = folder / "authority.pem"
    file.write_bytes(_made()[0])
    return file


def server_context(folder: Path) -> ssl.SSLContext:
    """The TLS of a server at localhost and 127.0.0.1."""
    file = folder / "server.pem"
    file.write_bytes(_made()[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
