"""The loopback authority is one that real TLS stacks verify."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from voxlink.testing.certificate import LoopbackCertificate


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
    """A TLS handshake in memory, both ends in turn."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_authority_shakes_hands(tmp_path: Path, host: str) -> None:
    certificate = LoopbackCertificate(tmp_path)
    handshake(certificate.client_context(), certificate.server_context(), host)


def test_other_names_and_other_trust_are_refused(tmp_path: Path) -> None:
    certificate = LoopbackCertificate(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificate.client_context(), certificate.server_context(), "discord.media")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(ssl.create_default_context(), certificate.server_context(), "127.0.0.1")


def test_the_server_certificate_says_what_strict_clients_ask(tmp_path: Path) -> None:
    LoopbackCertificate(tmp_path)
    server = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    usage = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_the_key_is_for_the_owner_only(tmp_path: Path) -> None:
    LoopbackCertificate(tmp_path)
    assert (tmp_path / "server.pem").stat().st_mode & 0o077 == 0
    assert b"PRIVATE KEY" not in (tmp_path / "authority.pem").read_bytes()
