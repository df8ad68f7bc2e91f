"""Where webhooks may go, by how an address is written and by where it leads."""

import asyncio
from collections.abc import Sequence

import pytest

from mockserver.sandbox.webhooks import Refused, TargetGuard

OWN_PORT = 8080


def guard(*allowed: str, answers: Sequence[Sequence[str]] = ()) -> TargetGuard:
    """A guard of a server at port 8080; what each look-up of a name answers, one after another."""
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return list(left.pop(0))

    return TargetGuard(allowed, own_ports=[OWN_PORT], resolve=resolve)


ALLOWED = [
    "http://127.0.0.1:9000/webhook",
    "http://127.8.9.10/",
    "https://127.0.0.1/",
    "http://[::1]:9000/a?b=c",
    "http://localhost:9000",
    "http://LOCALHOST.:9000/",
    "http://app.localhost:9000/",
]
REFUSED = [
    # Cloud metadata, private networks, public addresses
    ("http://169.254.169.254/latest/meta-data/", "no address of a receiver"),
    ("http://10.0.0.1/", "--allow-webhook-host 10.0.0.1"),
    ("http://192.168.1.1/", "not of this machine"),
    ("http://172.17.0.1/", "not of this machine"),
    ("http://100.64.0.1/", "not of this machine"),
    ("http://8.8.8.8/", "not of this machine"),
    ("http://0.0.0.0:9000/", "no address of a receiver"),
    ("http://0.1.2.3/", "not of this machine"),
    ("http://224.0.0.1/", "no address of a receiver"),
    ("http://255.255.255.255/", "no address of a receiver"),
    # IPv6, and IPv4 inside of it
    ("http://[::]:9000/", "no address of a receiver"),
    ("http://[fd00::1]/", "not of this machine"),
    ("http://[fe80::1]/", "no address of a receiver"),
    ("http://[fe80::1%25eth0]/", "neither a name"),
    ("http://[2001:4860:4860::8888]/", "not of this machine"),
    ("http://[::ffff:127.0.0.1]:9000/", "inside of an IPv6 address"),
    ("http://[::ffff:10.0.0.1]/", "inside of an IPv6 address"),
    ("http://[::ffff:7f00:1]/", "inside of an IPv6 address"),
    ("http://[::127.0.0.1]/", "inside of an IPv6 address"),
    ("http://[64:ff9b::7f00:1]/", "inside of an IPv6 address"),
    ("http://[2002:7f00:1::]/", "inside of an IPv6 address"),
    ("http://[v1.x]/", "."),
    # Other spellings of IPv4
    ("http://2130706433/", "unusual spelling"),
    ("http://0x7f000001/", "unusual spelling"),
    ("http://0x7f.0.0.1/", "unusual spelling"),
    ("http://0177.0.0.1/", "unusual spelling"),
    ("http://127.1/", "unusual spelling"),
    ("http://010.0.0.1/", "unusual spelling"),
    ("http://１２７.0.0.1/", "."),
    ("http://127。0。0。1/", "."),
    # Names
    ("http://example.com/", "--allow-webhook-host example.com"),
    ("http://localhost.example.com/", "not it"),
    ("http://notlocalhost/", "not it"),
    ("http://127.0.0.1.nip.io/", "not it"),
    ("http://exämple.com/", "name in ASCII"),
    ("http://a_b..c/", "neither a name"),
    # The form of the URL
    ("http://user@127.0.0.1/", "names a user"),
    ("http://127.0.0.1:9000@10.0.0.1/", "names a user"),
    ("http://user:secret@localhost/", "names a user"),
    ("http://127.0.0.1\\@10.0.0.1/", "backslashes"),
    ("http://127.0.0.1\t:9000/", "blanks"),
    (" http://127.0.0.1/", "blanks"),
    ("http://127.0.0.1/\r\nx", "blanks"),
    ("ftp://127.0.0.1/", "http or https"),
    ("file:///etc/passwd", "http or https"),
    ("gopher://127.0.0.1:6379/_", "http or https"),
    ("//127.0.0.1/", "http or https"),
    ("127.0.0.1:9000", "http or https"),
    ("", "http or https"),
    ("http:///webhook", "neither a name"),
    ("http://127.0.0.1:0/", "Port 0"),
    ("http://127.0.0.1:65536/", "1 to 65535"),
    ("http://127.0.0.1:x/", "1 to 65535"),
    ("http://[::1/", "cannot be read"),
    ("http://127.0.0.1/" + "x" * 3_000, "more than 2048"),
    # This server itself, whose admin API asks for no token on loopback
    ("http://127.0.0.1:8080/__admin/sandboxes", "this server itself"),
    ("http://127.9.9.9:8080/", "this server itself"),
    ("http://localhost:8080/", "this server itself"),
    ("http://[::1]:8080/", "this server itself"),
]


@pytest.mark.parametrize("url", ALLOWED)
def test_this_machine_may_be_called(url: str) -> None:
    assert guard().refuse(url) is None


@pytest.mark.parametrize(("url", "why"), REFUSED)
def test_nothing_else_may_be_called_and_one_sentence_says_why(url: str, why: str) -> None:
    said = guard().refuse(url)
    assert said is not None
    assert why in said
    assert said.endswith(".")
    with pytest.raises(Refused):
        asyncio.run(guard(answers=[["127.0.0.1"]]).addresses(url))


@pytest.mark.parametrize("url", [url for url in ALLOWED if "local" not in url.lower()])
def test_an_address_is_not_looked_up(url: str) -> None:
    (found,) = asyncio.run(guard().addresses(url))
    assert found in url


def test_what_is_allowed_by_name_may_be_called() -> None:
    made = guard("Hooks.Example.com", "10.1.0.0/16", "fd00::7", answers=[["93.184.215.14"]])
    assert asyncio.run(made.addresses("https://hooks.example.com./x")) == ["93.184.215.14"]
    assert made.refuse("http://10.1.2.3:9000/") is None
    assert made.refuse("http://[fd00::7]/") is None
    for other in ("http://sub.hooks.example.com/", "http://10.2.0.1/", "http://[fd00::8]/"):
        assert made.refuse(other) is not None


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "fd00::1", "0.0.0.0"],
)
@pytest.mark.parametrize("url", ["http://hooks.example.com/", "http://localhost:9000/"])
def test_a_name_that_leads_inside_is_refused(url: str, address: str) -> None:
    made = guard("hooks.example.com", answers=[[address], ["93.184.215.14", address]])
    assert made.refuse(url) is None, "by its name alone it is fine"
    for _ in range(2):
        with pytest.raises(Refused, match="is at"):
            asyncio.run(made.addresses(url))


def test_localhost_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(Refused, match="localhost is at"):
        asyncio.run(guard(answers=[["93.184.215.14"]]).addresses("http://localhost:9000/"))


def test_a_resolver_that_changes_its_mind_is_asked_once_and_its_answer_is_what_is_connected_to() -> None:
    made = guard("rebind.example.com", answers=[["93.184.215.14"], ["169.254.169.254"]])
    assert asyncio.run(made.addresses("http://rebind.example.com/")) == ["93.184.215.14"]
    with pytest.raises(Refused):
        asyncio.run(made.addresses("http://rebind.example.com/"))


def test_a_name_that_leads_to_this_server_is_refused() -> None:
    made = guard("me.example.com", answers=[["127.0.0.1"], ["127.0.0.1"]])
    with pytest.raises(Refused, match="this server itself"):
        asyncio.run(made.addresses(f"http://me.example.com:{OWN_PORT}/"))
    assert asyncio.run(made.addresses("http://me.example.com:9000/")) == ["127.0.0.1"]


def test_another_machine_may_have_the_same_port() -> None:
    # An address for documentation: no machine has it.
    assert guard("192.0.2.0/24").refuse(f"http://192.0.2.1:{OWN_PORT}/") is None


def test_a_name_that_leads_nowhere_is_an_error_of_the_network() -> None:
    with pytest.raises(OSError, match="has no address"):
        asyncio.run(guard(answers=[[]]).addresses("http://localhost:9000/"))


def test_the_system_is_asked_by_default() -> None:
    found = asyncio.run(TargetGuard().addresses("http://localhost:9000/"))
    assert set(found) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("entry", ["http://example.com", "example.com:80", "10.0.0.1/8", "*", "", "2130706433", "a b"])
def test_what_is_no_host_cannot_be_allowed(entry: str) -> None:
    with pytest.raises(ValueError, match="a name, an address or a network"):
        TargetGuard([entry])


def test_the_public_address_of_this_server_is_no_receiver_though_its_host_is_allowed() -> None:
    judge = TargetGuard(["mock.example.com"], public_url="https://mock.example.com/fake")
    assert judge.refuse("https://mock.example.com/fake/__admin/reset") is not None
    assert judge.refuse("HTTPS://Mock.example.com/fake") is not None
    assert judge.refuse("https://mock.example.com/faker") is None


def test_a_port_that_is_opened_later_is_this_server_itself() -> None:
    judge = TargetGuard()
    judge.add_own_port(9000)
    assert judge.refuse("http://127.0.0.1:9000/") == "Port 9000 of this machine is this server itself."
    judge.remove_own_port(9000)
    assert judge.refuse("http://127.0.0.1:9000/") is None
