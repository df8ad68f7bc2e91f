"""What is true of every provider's errors: any status that a fault can ask for is answered with that status."""

from collections.abc import Callable
from itertools import product

import pytest

from mockserver.foundation.problems import Problem
from mockserver.provider_api.provider import ErrorContext
from mockserver.providers.contracts import provider_names
from mockserver.server.app import MockServer


@pytest.mark.parametrize("name", provider_names())
def test_every_status_of_a_refusal_can_be_rendered_in_every_reading(
    make_app: Callable[..., MockServer], name: str
) -> None:
    provider = make_app().providers[name]
    variants = provider.contract.variants.values()
    readings = [[(variant.name, value) for value in variant.values] for variant in variants if "error" in variant.name]
    usual = {variant.name: variant.default for variant in variants}
    operation = next(iter(provider.contract.operations))

    for status, chosen in product(range(400, 600), product(*readings)):
        error_context = ErrorContext({**usual, **dict(chosen)}, operation, "0" * 32, {})
        reply = provider.render_problem(Problem(status, "fault", "It was asked for."), error_context)
        assert (reply.status, bool(reply.body)) == (status, True)
