"""A client's environment, and templates that map its variables."""

import os

import pytest

from mockserver.judge.environment import led_variables, variables
from mockserver.judge.program import ConformError

ENVIRONMENTS = {
    "acme": {"ACME_BASE_URL": "http://x/acme", "ACME_CLIENT_SECRET": "s3cret"},
    "zeta": {"ZETA_BASE_URL": "http://x/zeta"},
}


OURS = {"MOCKSERVER_NOW": "2026-01-01T00:00:00.000Z", "MOCKSERVER_STATE_DIR": "/state", "MOCKSERVER_OUTCOME": "/out"}


def test_the_environment_has_every_providers_variables_and_those_mapped_to_other_names() -> None:
    templates = [
        ("API", "{acme.base_url}/v1"),
        ("SECRET", "{acme.client_secret}"),
        ("CONFIG", '{{"url": "{zeta.base_url}", "since": "{now}"}}'),
        ("DATABASE", "sqlite:///{state_dir}/leads.db"),
        ("HOOK", "http://127.0.0.1:{webhook_port}/"),
        ("ACME_CLIENT_SECRET", "wrong on purpose"),
    ]
    found = variables(ENVIRONMENTS, OURS, templates)
    assert found == {
        **ENVIRONMENTS["acme"],
        **ENVIRONMENTS["zeta"],
        **OURS,
        "API": "http://x/acme/v1",
        "SECRET": "s3cret",
        "CONFIG": '{"url": "http://x/zeta", "since": "2026-01-01T00:00:00.000Z"}',
        "DATABASE": "sqlite:////state/leads.db",
        "ACME_CLIENT_SECRET": "wrong on purpose",
    }
    assert (
        variables(ENVIRONMENTS, {**OURS, "MOCKSERVER_WEBHOOK_PORT": "99"}, templates)["HOOK"] == "http://127.0.0.1:99/"
    )


@pytest.mark.parametrize(
    ("name", "template", "why"),
    [
        (
            "A",
            "{acme.url}",
            r"environment A=\{acme.url\}: there is no \{acme.url\}; there is \{acme.base_url\}, \{acme",
        ),
        ("A", "{acne.url}", r"there is \{acme.base_url\}, \{acme.client_secret\}, \{zeta.base_url\}, \{now\}, "),
        ("A", "{}", r"there is no \{\}"),
        ("A", "{now!r}", r"there is no \{now!r\}"),
        ("A", '{"url": 1}', r"there is no \{\"url\": 1\}"),
        ("A", "{now", r"write \{\{ and \}\} for braces"),
        ("MOCKSERVER_NOW", "1", "cannot be set; a name that does not begin with MOCKSERVER_"),
        ("", "1", "cannot be set"),
    ],
)
def test_a_template_that_makes_no_sense_is_told(name: str, template: str, why: str) -> None:
    with pytest.raises(ConformError, match=why):
        variables(ENVIRONMENTS, OURS, [(name, template)])


def test_options_that_lead_to_real_hosts_do_not_take_those_of_a_client() -> None:
    led = {"NODE_OPTIONS": "--require ours", "PYTHONPATH": "/ours", "HTTPS_PROXY": "http://ours"}
    given = {
        "NODE_OPTIONS": "--trace-exit",
        "PYTHONPATH": "/theirs",
        "HTTPS_PROXY": "http://theirs",
        "PHP_INI_SCAN_DIR": "x",
    }
    assert led_variables(led, given) == {
        "NODE_OPTIONS": "--require ours --trace-exit",
        "PYTHONPATH": f"/ours{os.pathsep}/theirs",
        "HTTPS_PROXY": "http://ours",
        "PHP_INI_SCAN_DIR": "x",
    }
