"""A certificate authority for one run: its key is used once and forgotten, and it can speak for a few names alone."""

import os
import secrets
import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mockserver.foundation.clock import real_time
from mockserver.foundation.dataclass import dataclass

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_DAYS = 365
"""Days before and after the start at which the certificates are good: clients of tests have clocks of their own."""
STORE_PASSWORD = "changeit"
"""The password of a trust store of Java, which protects nothing: there are certificates in it, and no key."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate that clients have to trust, and the TLS of a server that has one signed by it."""

    certificate: x509.Certificate
    names: frozenset[str]
    """The names and addresses for which a server is certified."""
    context: ssl.SSLContext
    strict_context: ssl.SSLContext
    """The same for connections of clients that were led here, to which `refuse_others` is bound."""

    def refuse_others(self, note: Callable[[str], object]) -> None:
        """Ends handshakes of the strict context that are meant for another name, and calls a function with that."""

        def check(connection: object, name: str | None, context: ssl.SSLContext) -> int | None:
            if name is None or name.lower().removesuffix(".") in self.names:
                return None
            note(name)
            return ssl.ALERT_DESCRIPTION_ACCESS_DENIED

        self.strict_context.sni_callback = check

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    def java_trust_store(self) -> bytes:
        """Returns a PKCS12 trust store with the certificate, as the JDK reads it."""
        entry = pkcs12.PKCS12Certificate(self.certificate, b"mockserver")
        return pkcs12.serialize_java_truststore([entry], BestAvailableEncryption(STORE_PASSWORD.encode()))


def make_authority(hosts: Iterable[str]) -> Authority:
    """Makes an authority that can speak for these names and addresses, and for this machine, and for no other."""
    names = list(dict.fromkeys([*hosts, *LOCAL_NAMES]))
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    subject = _name("mockserver, an authority for this run only")
    root = (
        _unsigned(subject, subject, ca_key.public_key(), ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([_subtree(name) for name in names], None), critical=True)
        .sign(ca_key, SHA256())
    )
    leaf = (
        _unsigned(_name("mockserver"), subject, key.public_key(), ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .sign(ca_key, SHA256())
    )
    return Authority(root, frozenset(names), *_server_contexts(leaf, key))


def _name(organization: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, issuer_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(real_time(), UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=_DAYS))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _subtree(name: str) -> x509.GeneralName:
    """Returns what the authority may sign for: a name, or an address; of this machine all of them."""
    try:
        address = ip_address(name)
    except ValueError:
        return x509.DNSName(name)
    return x509.IPAddress(next((net for net in _LOOPBACK if address in net), ip_network(name)))


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _server_contexts(leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> list[ssl.SSLContext]:
    """Returns two of them, alike."""
    # OpenSSL is given keys as files. The key is there for a moment, and encrypted: it is in clear in memory only.
    password = secrets.token_bytes(32).hex()
    with TemporaryDirectory(prefix="mockserver-") as folder:
        file = Path(folder, "server.pem")
        encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
        file.write_bytes(leaf.public_bytes(Encoding.PEM) + encrypted)
        return [_server_context(file, password) for _ in range(2)]


def _server_context(file: Path, password: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(os.fspath(file), password=password)
    return context
