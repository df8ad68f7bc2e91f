"""What is true of every provider."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from mockserver.contract import Contract
from mockserver.contract.examples import check_examples, examples
from mockserver.foundation import problems
from mockserver.foundation.problems import Problem, Violation
from mockserver.foundation.settings import Settings
from mockserver.provider_api.provider import ErrorContext
from mockserver.server.app import MockServer, build, read_contracts
from mockserver.world import world_names
from tests.conftest import AUTH, NOW
from tests.support.gsl import ROUTES, Gsl
from tests.support.in_process import TestClient
from tests.support.seeker import DAY, Seeker

CONTRACTS = read_contracts(Settings())
BOTH = [pytest.param(contract, id=name) for name, contract in CONTRACTS.items()]
PROBLEMS = [
    problems.malformed("m"),
    problems.missing_body(),
    problems.unreadable_body("u"),
    problems.invalid_path([Violation("path", "/a", "type", "wrong")]),
    problems.unauthorized("u", challenge="Basic"),
    problems.forbidden("f"),
    problems.not_found("n"),
    problems.method_not_allowed("PATCH", "GET"),
    problems.payload_too_large(1),
    problems.unsupported_media_type("", ["application/json"]),
    problems.invalid([Violation("body", "/a/b", "type", "wrong"), Violation("body", "", "type", "wrong")]),
    problems.too_many_requests("t", retry_after=3),
    problems.internal_error([Violation("reply", "/a", "type", "wrong")]),
]


@pytest.fixture(scope="module")
def server() -> MockServer:
    """One application over the small world, for tests that only read."""
    return build(Settings(world="small", now=NOW))


@pytest.mark.parametrize("contract", BOTH)
def test_the_contract_is_valid_openapi(contract: Contract) -> None:
    validate(contract.document)


@pytest.mark.parametrize("contract", BOTH)
def test_published_examples_are_what_their_schemas_say(contract: Contract) -> None:
    published = [where for where, _, _ in examples(contract.document) if where.endswith("published")]
    assert published, "a contract shows what its provider published"
    assert check_examples(contract.document) >= len(published)


@pytest.mark.parametrize("contract", BOTH)
def test_every_operation_response_parameter_and_variant_is_in_the_ledger(contract: Contract) -> None:
    rows = {(row.operation, row.subject) for row in contract.ledger}
    for operation in contract.operations.values():
        assert (operation.id, "operation") in rows
        assert {(operation.id, f"response {status}") for status in operation.replies} <= rows
        names = {p.name for p in (*operation.path_parameters, *operation.query_parameters.values())}
        assert {(operation.id, f"parameter {name}") for name in names} <= rows
    assert {("", f"variant {name}") for name in contract.variants} <= rows


@pytest.mark.parametrize("contract", BOTH)
def test_what_the_road_may_answer_is_documented_everywhere(contract: Contract) -> None:
    assert {400, 404, 405, 413, 500} <= set(contract.unrouted)
    for operation in contract.operations.values():
        assert {200, 400, 413, 500} <= set(operation.replies)
        assert operation.public or 401 in operation.replies
        assert not operation.body or 415 in operation.replies


def choices(contract: Contract) -> Iterator[dict[str, str]]:
    """Every combination of the variants that an error body may depend on, the others at their default."""
    default = {name: variant.default for name, variant in contract.variants.items()}
    about_errors = [variant for variant in contract.variants.values() if variant.name.startswith("error")]
    for values in product(*(variant.values for variant in about_errors)):
        yield {**default, **dict(zip([variant.name for variant in about_errors], values, strict=True))}


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
@pytest.mark.parametrize("name", CONTRACTS)
def test_every_problem_can_be_dressed_under_every_variant(server: MockServer, name: str, problem: Problem) -> None:
    provider = server.providers[name]
    checked = 0
    for variants in choices(provider.contract):
        for place in ("", *provider.contract.operations):
            reply = provider.render_problem(problem, ErrorContext(variants, place, "0" * 32, {}))
            replies = provider.contract.operations[place].replies if place else provider.contract.unrouted
            if spec := replies.get(reply.status):
                assert spec.check(reply.media_type, reply.body) == []
                checked += 1
    assert checked


LISTS = [
    "/apimo/agencies",
    *(f"/apimo/agencies/{agency}/{kind}" for agency in (101, 102) for kind in ("leads", "requests", "properties")),
    *(f"/apimo/agencies/{agency}/{kind}" for agency in (101, 102) for kind in ("contacts", "users")),
]


def listed(app: MockServer) -> None:
    """Asks for everything in the world: the road refuses to answer with what breaks the contract."""
    client = TestClient(app)
    client.auth = AUTH
    for path in LISTS:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        (items,) = [value for value in body.values() if isinstance(value, list)]
        assert len(items) == body["total_items"]
    gsl, now = Gsl(client), app.sandbox.clock.now()
    for route, category in ROUTES.values():
        leads = gsl.walk(route, {"StartDate": 0, "EndDate": now})
        assert len(leads) == len(gsl.enquiries(category))
    seeker = Seeker(client)
    expected = seeker.enquiries()
    first = expected[0].created_at if expected else now - DAY
    assert list(seeker.crawl(first, now)) == [enquiry.uuid for enquiry in expected]


@pytest.mark.parametrize("world", world_names())
def test_every_world_is_valid_in_every_view(world: str) -> None:
    listed(build(Settings(world=world, now=NOW)))


@given(seed=st.integers(0, 2**53), now=st.integers(946_684_800, 4_102_444_800))
@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_any_seed_at_any_time_is_valid_in_every_view(seed: int, now: int) -> None:
    listed(build(Settings(world="small", seed=seed, now=now)))


def test_the_reference_files_of_providers_are_not_shipped() -> None:
    shipped = Path(__file__).parents[2] / "contracts"
    assert {path.suffix for path in shipped.iterdir()} == {".yaml"}
