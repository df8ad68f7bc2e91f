"""`mockserver world diff`: what becomes of each member, found by changing the world; true of the real answers."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli.main import cli
from mockserver.cli.provider_diff import MemberDiff, compare
from mockserver.foundation.settings import Settings, SettingsError
from mockserver.server.app import MockServer, build
from tests.conftest import NOW
from tests.providers.seeker.test_gdpr import Views

MakeApp = Callable[..., MockServer]

pytestmark = pytest.mark.no_cover
"""Each lead is shown a thousand times, which would take long if it were traced."""


@cache
def server() -> MockServer:
    """Over the default world, which has everything."""
    return build(Settings(world="default", now=NOW))


@cache
def compared(here: str, there: str) -> list[MemberDiff]:
    """What becomes of each member in that world."""
    return compare(server(), here, there)


@cache
def shown(provider: str) -> dict[str, Any]:
    """A provider's leads in that world."""
    views = Views(server())
    found: dict[str, Any] = {"apimo": views.of_apimo, "gsl": views.of_gsl, "seeker": views.of_seeker}[provider]()
    return found


def by_member(rows: list[MemberDiff]) -> dict[str, MemberDiff]:
    """Rows by what they are about."""
    return {row.member: row for row in rows}


def test_who_moves_from_gsl_to_seeker_leads_is_told_what_becomes_of_each_member() -> None:
    rows = by_member(compared("gsl", "seeker"))
    expected = {
        "lead.uuid": ("/leadMetaInfos/leadId", "/metadata/leadId", "renamed"),
        "lead.message": ("/contactRequest/message", "/contactRequest/message", "same"),
        "lead.search.area_max": ("/property/spaces/spaceMax", "/property/spaces/spaceMax", "same"),
        "lead.portal": ("/leadMetaInfos/portals/-", "/metadata/portal", "renamed"),
        "lead.category": ("/leadMetaInfos/leadCategory", "/metadata/leadCategory", "lossy"),
        "estate.reference": (
            "/property/metaData/source/offererMarketingKey",
            "/property/offererMarketingKey",
            "renamed",
        ),
        "lead.called": ("/leadMetaInfos/isCalled", "", "no counterpart"),
        "lead.estimation.owner_price": ("/estimation/actorEstimatedPrice", "", "no counterpart"),
        "seeker.is_owner": ("", "/contactRequest/isOwner", "no counterpart"),
    }
    for member, (here, there, relation) in expected.items():
        row = rows[member]
        assert (set(row.here) >= set(filter(None, [here])), row.there, row.relation) == (
            True,
            tuple(filter(None, [there])),
            relation,
        ), row
    assert rows["lead.created_at"].there == ("/metadata/TTL", "/metadata/ingestionDate")


def test_the_way_back_loses_names_that_are_joined_and_all_telephones_but_one() -> None:
    rows = by_member(compared("seeker", "gsl"))
    for member in ("seeker.firstname", "seeker.lastname", "seeker.phones[].number", "lead.portal"):
        assert rows[member].relation == "lossy", member
    assert rows["seeker.gender"].relation == "no counterpart"


def test_no_member_changes_for_who_stays(make_app: MakeApp) -> None:
    app = make_app()
    for name in app.providers:
        rows = compare(app, name, name)
        assert rows
        assert {row.relation for row in rows} == {"same"}
        assert all(row.here == row.there for row in rows)


def test_nothing_is_different_afterwards(make_app: MakeApp) -> None:
    app = make_app()
    before = Views(app).of_seeker()
    compare(app, "apimo", "seeker")
    assert Views(app).of_seeker() == before


def pointers(value: Any, pointer: str = "") -> Iterator[str]:
    """Where a value has anything, `-` for any number."""
    yield pointer
    inner = (
        value.items() if isinstance(value, dict) else (("-", item) for item in value) if isinstance(value, list) else ()
    )
    for name, member in inner:
        yield from pointers(member, f"{pointer}/{name}")


def test_every_pointer_is_one_of_real_answers() -> None:
    names = ("apimo", "gsl", "seeker")
    real = {name: {each for lead in shown(name).values() for each in pointers(lead)} for name in names}
    for here, there in (("apimo", "gsl"), ("gsl", "seeker"), ("seeker", "apimo")):
        for row in compared(here, there):
            assert set(row.here) <= real[here], row
            assert set(row.there) <= real[there], row


def test_every_member_that_seeker_leads_shows_is_in_the_table() -> None:
    told = {pointer for row in compared("gsl", "seeker") for pointer in row.there}
    leaves = {
        pointer
        for lead in shown("seeker").values()
        for pointer in pointers(lead)
        if not any(other.startswith(f"{pointer}/") for other in pointers(lead))
    }
    # An empty list has no leaf of its own.
    assert leaves - told <= {"/contactRequest/phoneNumbers"}


def test_a_provider_that_there_is_not_is_named() -> None:
    with pytest.raises(SettingsError, match="no provider 'x'; there is apimo, gsl, seeker"):
        compare(server(), "gsl", "x")


def test_the_command_prints_a_table_or_json() -> None:
    runner = CliRunner()
    arguments = ["world", "diff", "gsl", "seeker", "--world", "small", "--now", "2026-01-01T00:00:00Z"]
    table, plain = runner.invoke(cli, arguments), runner.invoke(cli, [*arguments, "--json"])
    assert (table.exit_code, plain.exit_code) == (0, 0)
    assert "/metadata/leadId" in table.output
    rows = json.loads(plain.output)
    assert {"member", "here", "there", "relation"} == set(rows[0])
    assert {row["relation"] for row in rows} == {"same", "renamed", "lossy", "no counterpart"}


def test_apimo_can_be_compared_too() -> None:
    rows = by_member(compared("apimo", "seeker"))
    assert rows["seeker.lastname"].here == ("/lastname",)
    assert rows["lead.step"].relation == "no counterpart"
