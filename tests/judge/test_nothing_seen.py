"""Programs that are shown no lead are found out, and those that are right to be shown none are not accused."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from mockserver.foundation.clock import parse_moment
from mockserver.judge.function import Callee, Function
from mockserver.judge.report import Report
from mockserver.judge.rulings import Severity, State
from mockserver.judge.runner import judge_program
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.no_cover

Environment = Mapping[str, str]


def ask(url: str, headers: Mapping[str, str], body: Any = None) -> Any:
    """The answer. Raises HTTPError for a refusal."""
    data = None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    with build_opener(ProxyHandler({})).open(Request(url, data, {"User-Agent": "x/1", **kind, **headers})) as answer:
        return json.load(answer)


def basic(environment: Environment) -> dict[str, str]:
    pair = f"{environment['APIMO_PROVIDER']}:{environment['APIMO_TOKEN']}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def leads_of(environment: Environment, headers: Mapping[str, str], **query: int) -> list[dict[str, Any]]:
    path = f"/agencies/{environment['APIMO_AGENCY_ID']}/leads?{urlencode({'limit': 1000, **query})}"
    return [{"id": lead["id"]} for lead in ask(environment["APIMO_BASE_URL"] + path, headers)["leads"]]


def without_credentials(environment: Environment) -> Any:
    try:
        return leads_of(environment, {})
    except HTTPError:
        return 1


def in_milliseconds(environment: Environment) -> Any:
    return leads_of(environment, basic(environment), timestamp=1_600_000_000_000)


def from_now_on(environment: Environment) -> Any:
    now = int(parse_moment(environment["MOCKSERVER_NOW"]))
    return leads_of(environment, basic(environment), timestamp=now - 3_600)


def only_sends(environment: Environment) -> Any:
    path = f"{environment['APIMO_BASE_URL']}/agencies/{environment['APIMO_AGENCY_ID']}/leads"
    lead = {"reference": f"ours-{environment['MOCKSERVER_NOW']}", "type": "1", "lastname": "Roy"}
    ask(path, basic(environment), lead)


def token_of(environment: Environment) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "scope": environment["GSL_SCOPE"]}
    form |= {name: environment[f"GSL_{name.upper()}"] for name in ("client_id", "client_secret")}
    return {"Authorization": f"Bearer {ask(environment['GSL_TOKEN_URL'], {}, form)['access_token']}"}


def search(environment: Environment, headers: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    criteria = {"StartDate": 0, "EndDate": 4_000_000_000}
    leads, cursor = [], ""
    while True:
        pagination = {"Limit": 100, **({"LastItemKey": cursor} if cursor else {})}
        body = {"SearchCriteria": criteria, "Pagination": pagination}
        page = ask(environment["GSL_BASE_URL"] + path, headers, body)["Data"]
        leads += [{"id": lead["leadMetaInfos"]["leadId"]} for lead in page["Items"]]
        cursor = page.get("LastItemKey") or ""
        if not cursor:
            return leads


def one_list(environment: Environment) -> Any:
    return search(environment, token_of(environment), "/v2/leads")


def all_but_one_list(environment: Environment) -> Any:
    token = token_of(environment)
    paths = ("/v2/leads", "/v2/leads/estimations", "/v2/leads/projects")
    return [lead for path in paths for lead in search(environment, token, path)]


def the_chosen_category(environment: Environment) -> Any:
    return search(environment, token_of(environment), "/v2/leads/classifieds")


def judged(client: Callee, provider: str = "apimo", **options: Any) -> Report:
    return judge_program(Function(client, PATIENCE), providers=[provider], scenarios=["plain"], jobs=1, **options)


@pytest.mark.parametrize(
    ("client", "cause"),
    [(without_credentials, "it sent no credentials"), (in_milliseconds, "looks like milliseconds; seconds are right")],
)
def test_a_program_that_is_shown_nothing_is_no_pass(client: Callee, cause: str) -> None:
    report = judged(client)
    (finding,) = (found for drill in report.drills for ruling in drill.broken for found in ruling.findings)
    assert cause in finding.text
    assert [row.id for row in report.broken(Severity.MUST)] == ["RUN-05"]
    assert report.exit_code == 1
    assert {"apimo RUN-03", "apimo GDPR-03"} <= set(report.not_reached)


@pytest.mark.parametrize("client", [from_now_on, only_sends])
def test_a_program_that_begins_now_or_only_sends_is_not_accused(client: Callee) -> None:
    assert judged(client).state_of("RUN-05") is not State.BROKEN


def test_the_list_that_looks_like_all_leads_is_told_as_advice_and_a_chosen_category_is_not() -> None:
    partial = judged(one_list, "gsl")
    assert (partial.state_of("PAGE-11"), partial.state_of("RUN-05")) == (State.BROKEN, State.HELD)
    assert "PAGE-11" in [row.id for row in partial.broken(Severity.ADVICE)]
    assert judged(the_chosen_category, "gsl").state_of("PAGE-11") is State.NOT_REACHED


def test_a_list_that_is_left_out_among_several_is_named() -> None:
    report = judged(all_but_one_list, "gsl")
    (drill,) = report.drills
    (finding,) = (found for ruling in drill.broken if ruling.obligation == "PAGE-11" for found in ruling.findings)
    assert finding.text.endswith("leads are in the agency leads")
