"""Secrets are masked wherever a client puts them; ordinary members of the three interfaces are not."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from mockserver.foundation.redaction import MASK, Redactor
from mockserver.foundation.secret_members import may_have_secrets

GRANT = "grant_type=client_credentials"
KNOWN = "gsl-secret-0123456789?>"
BASIC = b64encode(b"me:XYZWXYZW").decode()
BODIES = [
    f"{GRANT}&client_assertion=XYZWXYZW",
    f"{GRANT}&assertion=XYZWXYZW",
    "grant_type=authorization_code&code=XYZWXYZW",
    "code_verifier=XYZWXYZW",
    "client_secret%00=XYZWXYZW",
    f"{GRANT}& client_secret =XYZWXYZW",
    f"{GRANT}&+client_secret+=XYZWXYZW",
    f"{GRANT}&client_secret;=XYZWXYZW",
    "a=b;client_secret=XYZWXYZW",
    "client_secret%3DXYZWXYZW",
    "client_secret\n=XYZWXYZW",
    '{"x-api-key": "XYZWXYZW", "apiKey": "XYZWXYZW"}',
    '{"client secret": "XYZWXYZW"}',
    '{"client_secret ": "XYZWXYZW"}',
    '{"client_secret\\u0000": "XYZWXYZW"}',
    "{'client_secret': 'XYZWXYZW'}",
    "{client_secret: XYZWXYZW}",
    '["client_secret", "XYZWXYZW"]',
    '{"a": [["client_secret", "XYZWXYZW"]]}',
    '["client_secret=XYZWXYZW"]',
    "%7B%22client_secret%22%3A%22XYZWXYZW%22%7D=",
    "%7B%22client_secret%22%3A+%22XYZWXYZW%22%7D",
    "--b\r\nContent-Disposition: form-data; name*=utf-8''client%5Fsecret\r\n\r\nXYZWXYZW\r\n--b--",
    "client_secret: XYZWXYZW",
    "grant: a\nclient-secret: XYZW XYZW\n",
    '{"jwt": "XYZWXYZW", "session_id": "XYZWXYZW", "code_verifier": "XYZWXYZW"}',
    '{"message": "send Bearer XYZWXYZW"}',
    '{"url": "https://me:XYZWXYZW@elsewhere.example/"}',
]


@pytest.mark.parametrize("body", BODIES)
def test_a_secret_in_a_body_is_masked(body: str) -> None:
    text = Redactor().body(body.encode(), 4096)
    assert MASK in text
    assert "XYZW" not in text


@pytest.mark.parametrize(
    "name",
    [
        *("x-api-key", "key", "pass", "pwd", "sig", "signature", "jwt", "bearer", "auth", "sessionid", "credentials"),
        *("code", "client_assertion", "code_verifier", "id_token", "ACCESS-TOKEN", "client%5Fsecret", "%22token%22"),
    ],
)
@pytest.mark.parametrize("before", ["", "x=1&", "x=1;", "?"])
def test_a_secret_in_a_query_is_masked(name: str, before: str) -> None:
    assert "XYZW" not in Redactor().line(f"{before}{name}=XYZWXYZW&limit=1")


@pytest.mark.parametrize(
    "line",
    [
        "x=Bearer%20XYZWXYZW",
        "x=bearer+XYZWXYZW",
        f"/agencies/Basic%20{BASIC}/leads",
        f"/agencies/Basic%20{BASIC.rstrip('=')}",
        "next=http://me:XYZWXYZW@127.0.0.1/leads",
        "next=http%3A%2F%2Fme%3AXYZWXYZW%40127.0.0.1%2Fleads",
    ],
)
def test_credentials_are_masked_behind_their_scheme_and_in_addresses(line: str) -> None:
    text = Redactor().line(line)
    assert MASK in text
    assert "XYZW" not in text
    assert BASIC.rstrip("=") not in text


@pytest.mark.parametrize(
    "name",
    [
        *("Authentication", "X-Password", "Ocp-Apim-Subscription-Key", "X-Session", "X-Goog-Iap-Jwt-Assertion"),
        *("Proxy-Authorization", "Cookie", "X-Auth-Token", "X-Api-Key"),
    ],
)
def test_a_header_that_is_named_like_a_secret_is_masked(name: str) -> None:
    assert Redactor().headers([(name.encode(), b"XYZW")]) == ((name.encode(), MASK.encode()),)


@pytest.mark.parametrize("value", [b"bearer XYZWXYZW", b"http://me:XYZWXYZW@a.example/", b"Basic " + BASIC.encode()])
def test_a_header_with_any_name_has_no_credentials(value: bytes) -> None:
    redactor = Redactor()
    for _ in range(2):  # what is known to have none is kept
        ((_, text),) = redactor.headers([(b"x-odd", value)])
        assert MASK.encode() in text
        assert b"XYZW" not in text
        assert BASIC.encode() not in text


@pytest.mark.parametrize("beside", [(b"accept", b"*/*"), (b"referer", b"http://a/?b=1")])
def test_the_status_that_a_client_prefers_is_kept(beside: tuple[bytes, bytes]) -> None:
    headers = ((b"prefer", b"code=503"), beside)
    assert Redactor().headers(headers) == headers
    assert MASK.encode() in Redactor().headers([(b"x-odd", b"client_secret=XYZW"), beside])[0][1]


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "é:"])
def test_a_known_secret_is_masked_in_base64(encode: Callable[[bytes], bytes], before: str) -> None:
    redactor = Redactor()
    sent = encode(f"{before}{KNOWN}".encode()).decode()
    redactor.add(KNOWN)
    shown = [redactor.body(f'{{"a": "{sent}"}}'.encode(), 4096), redactor.line(f"a={sent}")]
    shown += [value.decode() for _, value in redactor.headers([(b"x-odd", sent.encode())])]
    for text in shown:
        assert MASK in text
        assert sent[6:-6] not in text


@pytest.mark.parametrize(
    "body",
    [
        {"offererMarketingKey": "a", "LastItemKey": "b", "zipcode": "64100", "code": "EUR", "key": "c", "basic": 1},
        {"token_type": "bearer", "expires_in": 3600, "scope": "a"},
        {"message": "a basic kitchen, a bearer of news; the code is 4", "email": "a@b.fr", "url": "https://b.fr/?id=1"},
        {"detail": "send HTTP Basic credentials, or `Authorization: Bearer` with a token"},
    ],
)
def test_ordinary_members_stay(body: dict[str, object]) -> None:
    text = json.dumps(body)
    assert Redactor().body(text.encode(), 4096) == text


@pytest.mark.parametrize(
    "unit", ["client_secret ", " ;", "a;", "bearer ", "basic+", "://a:", "://", "'", "{token:", '["token",', "x ="]
)
def test_no_text_takes_more_time_than_its_length(unit: str) -> None:
    text = unit * (64 * 1024 // len(unit))
    assert len(Redactor().body(text.encode(), len(text))) <= 4 * len(text)
    assert Redactor().line(text)


@pytest.mark.parametrize("text", ["Une vente rapide.", "20 % du prix, 100 %", "Le capital \\n", "keys of an api"])
def test_words_of_an_answer_of_ours_are_no_reason_to_search_it(text: str) -> None:
    assert not may_have_secrets(f'{{"message": "{text}"}}'.encode(), is_ours=True)


@pytest.mark.parametrize("name", ["api_key", "X-Api-Key", "apiKey", "api--key", "token", "client_secret", "%74oken"])
def test_a_name_of_a_secret_in_an_answer_of_ours_is_a_reason(name: str) -> None:
    assert may_have_secrets(f'{{"message": "{name}=mine is unknown"}}'.encode(), is_ours=True)
