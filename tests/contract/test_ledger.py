"""The ledger: what is stated, what is inherited, and what a citation must prove."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from mockserver.contract import Contract, ContractError
from mockserver.contract.enum_types import check_enum_types
from mockserver.contract.ledger import LedgerRow
from mockserver.contract.sources import check_citations, documents, unfounded
from mockserver.foundation.settings import Settings
from mockserver.server.app import read_contracts
from tests.contract.test_compiling import MINIMAL

SURE = {"level": "documented", "source": "seed 000 l.14"}
UNSURE = {"level": "assumed", "source": "a bound of ours"}
CONTRACTS = read_contracts(Settings())


def thing(**members: Any) -> dict[str, Any]:
    """Returns the minimal document with a schema of these members."""
    document = deepcopy(MINIMAL)
    document["components"]["schemas"]["Thing"] = {"type": "object", **members}
    return document


def levels(document: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    return {row.subject: (row.level, row.inherited) for row in Contract("test", document).ledger}


def rows_of(provider: str) -> dict[str, LedgerRow]:
    return {f"{row.operation} {row.subject}".strip(): row for row in CONTRACTS[provider].ledger}


def test_members_bounds_required_and_descriptions_inherit_what_they_stand_in() -> None:
    inner = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 1}}}
    members = {"x": {"type": "string", "maxLength": 3, "description": "d"}, "y": {"type": "array", "items": inner}}
    found = levels(thing(**{"x-fidelity": SURE}, properties=members))
    assert found["schema Thing"] == ("documented", False)
    subjects = ("schema Thing.x", "schema Thing.x maxLength", "schema Thing.x description", "schema Thing.y")
    for subject in (*subjects, "schema Thing.y[] required", "schema Thing.y[].a", "schema Thing.y[].a minimum"):
        assert found[subject] == ("documented", True), subject


def test_a_bound_and_a_required_member_may_be_less_sure_than_their_schema() -> None:
    bounded = {"type": "integer", "minimum": 0, "maximum": 9, "x-fidelity": {"parts": {"maximum": UNSURE}}}
    stated = {**SURE, "parts": {"required b": UNSURE, "required a": SURE}}
    found = levels(thing(**{"x-fidelity": stated}, required=["a", "b"], properties={"a": bounded, "b": {}}))
    assert found["schema Thing.a"] == ("documented", True)
    assert found["schema Thing.a minimum"] == ("documented", True)
    assert found["schema Thing.a maximum"] == ("assumed", False)
    assert found["schema Thing required b"] == ("assumed", False)
    assert "schema Thing required" not in found, "each member says for itself how sure it is that it is required"


def test_what_is_stated_of_required_holds_for_the_objects_inside() -> None:
    inner = {"type": "object", "required": ["a"], "properties": {"a": {}}}
    stated = {**SURE, "parts": {"required": UNSURE}}
    found = levels(thing(**{"x-fidelity": stated}, required=["x"], properties={"x": inner}))
    assert found["schema Thing.x"] == ("documented", True)
    assert found["schema Thing.x required"] == ("assumed", True)


def test_a_sentence_may_be_less_sure_than_its_operation() -> None:
    document = deepcopy(MINIMAL)
    document["paths"]["/things/{id}"]["get"]["x-fidelity"] = {**SURE, "parts": {"the oldest is first": UNSURE}}
    found = levels(document)
    assert found["operation"] == ("documented", False)
    assert found["operation: the oldest is first"] == ("assumed", False)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (..., "schema Thing: x-fidelity is missing"),
        ({"parts": {"required": UNSURE}}, "level is None"),
        ({**SURE, "parts": {"maximum": UNSURE}}, "is about 'maximum', which is not there"),
        ({**SURE, "parts": {"required b": UNSURE}}, "'b' is required, and it is not"),
        ({**SURE, "parts": {"required": {"level": "sure", "source": "me"}}}, "level is 'sure'"),
        ({**SURE, "parts": []}, "a mapping is needed"),
        ({**SURE, "since": 2016}, "'since' is not supported"),
    ],
)
def test_what_a_statement_lacks_is_named(stated: Any, message: str) -> None:
    members = {} if stated is ... else {"x-fidelity": stated}
    with pytest.raises(ContractError, match=message):
        Contract("test", thing(**members, required=["a"], properties={"a": {}}))


@pytest.mark.parametrize(
    ("level", "source", "mistake"),
    [
        ("documented", "seed 000", "it does not say which line of seed 000"),
        ("assumed", "seed 000", "it does not say which line of seed 000"),
        ("observed", "a client", "it names no line of a page"),
        ("documented", "seed 000 l.172", "seed 000 has lines 1 to 171, not l.172"),
        ("documented", "seed 000 l.9-3", "seed 000 has lines 1 to 171, not l.9-3"),
        ("observed", "dossier gsl", "it does not say which section of dossier gsl"),
        ("observed", "dossier gsl §5, §6.9", "dossier gsl has no section §6.9"),
        ("documented", "seed 009 l.1", "there is no seed 009"),
        ("documented", "seed 000 l.1, l.171", None),
        ("observed", "a client; dossier seeker §3.12", None),
        ("inferred", "RFC 9110 §3", None),
        ("assumed", "a bound of ours", None),
    ],
)
def test_a_sure_row_cites_a_line_or_a_section_that_is_there(level: str, source: str, mistake: str | None) -> None:
    row = LedgerRow("test", "getThing", "operation", "", level, source, False)
    found = unfounded([row])
    assert [mistake in sentence for sentence in found if mistake] == [True] * bool(mistake)
    assert bool(found) is bool(mistake)
    if mistake:
        with pytest.raises(ContractError, match="claims more than it proves"):
            check_citations([row])


@pytest.mark.parametrize("provider", CONTRACTS)
def test_every_sure_row_of_ours_is_founded(provider: str) -> None:
    assert unfounded(CONTRACTS[provider].ledger) == []


def members_of(path: str, schema: Any) -> Iterator[str]:
    """Yields the name of each member in a schema as the ledger writes it."""
    for name, member in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from members_of(f"{path}.{name}", member)
    if "items" in schema:
        yield from members_of(f"{path}[]", schema["items"])


@pytest.mark.parametrize("provider", CONTRACTS)
def test_every_schema_member_and_bound_is_in_the_ledger(provider: str) -> None:
    rows = rows_of(provider)
    for name, schema in CONTRACTS[provider].document["components"]["schemas"].items():
        assert not rows[f"schema {name}"].inherited
        assert {*members_of(f"schema {name}", schema)} <= rows.keys()
    for operation in CONTRACTS[provider].document["paths"].values():
        for method in operation.values():
            assert f"{method['operationId']} operation" in rows


# What was claimed with more certainty than the evidence has, or with less, each with the level that it has now.
AUDITED: list[tuple[str, str, str]] = [
    (
        "seeker",
        "issueToken operation: a token has scopes, named seeker-leads:leads:get, seeker-leads:leads:create and "
        "seeker-leads:webhooks:manage",
        "assumed",
    ),
    ("seeker", "schema errorResponse.instance", "documented"),
    ("seeker", "schema errorResponse.instance pattern", "inferred"),
    ("seeker", "schema errorResponse.instance description", "inferred"),
    ("seeker", "getLeads response 404", "observed"),
    ("seeker", "createLead response 404", "assumed"),
    ("seeker", "getLeadById operation: a lead past its TTL is 404 as one that is not there", "assumed"),
    ("seeker", "getLeadById operation: a lead of another customer is 404 as one that is not there", "inferred"),
    (
        "seeker",
        "getLeads operation: period: one that is longer, or that ends before it begins, is refused with 400",
        "inferred",
    ),
    ("seeker", "newLead operation description", "assumed"),
    ("seeker", "getLeadById parameter leadId type", "inferred"),
    ("seeker", "getLeads parameter minDate minimum", "assumed"),
    ("seeker", "getLeads parameter limit", "documented"),
    ("seeker", "getLeads parameter limit maximum", "inferred"),
    ("seeker", "getLeads response 403", "documented"),
    ("seeker", "schema paginatedResultSet.metadata", "documented"),
    ("seeker", "schema paginatedResultSet.metadata.count", "assumed"),
    ("seeker", "schema paginatedResultSet.links", "documented"),
    ("seeker", "schema paginatedResultSet.links.next", "observed"),
    ("seeker", "schema webhookSubscriptionCreateRequest required", "assumed"),
    ("seeker", "schema psearchMetadata.rooms description", "documented"),
    ("seeker", "schema psearchMetadata.rooms.numberOfRoomsMin", "observed"),
    ("gsl", "schema ClassifiedLead required", "assumed"),
    ("gsl", "schema ClassifiedLead.leadMetaInfos required", "assumed"),
    ("gsl", "schema LeadList required", "assumed"),
    ("gsl", "schema LeadList.Data required", "assumed"),
    ("gsl", "schema SearchCriteria.StartDate multipleOf", "assumed"),
    ("gsl", "schema SearchCriteria.EndDate minimum", "assumed"),
    ("gsl", "schema SearchCriteria required EndDate", "documented"),
    ("gsl", "schema SearchCriteria required StartDate", "inferred"),
    ("gsl", "schema SearchCriteria: order: a StartDate after EndDate is refused with 400", "assumed"),
    ("gsl", "schema Problem required", "inferred"),
    ("gsl", "searchLeads response 400: type and title and detail have the texts of the sister", "inferred"),
    ("gsl", "schema AgencyLead description", "assumed"),
    ("gsl", "schema EstimationLead description", "assumed"),
    ("gsl", "schema ProjectLead description", "assumed"),
    ("gsl", "schema ClassifiedLead description", "documented"),
    ("gsl", "issueToken response 400", "inferred"),
    ("gsl", "issueToken response 403", "inferred"),
    ("gsl", "issueToken operation: the token carries only the scopes that were asked for", "documented"),
    ("apimo", "createLead response 422", "inferred"),
    ("apimo", "listLeads response 500", "inferred"),
    ("apimo", "schema Message", "inferred"),
    ("apimo", "provider: a date is a local time of Europe/Paris", "inferred"),
    ("apimo", "schema Moment description", "inferred"),
    (
        "apimo",
        "provider: Server says nginx; here it says mockserver so that nobody takes the one for the other",
        "documented",
    ),
    ("apimo", "listLeads parameter offset minimum", "assumed"),
    ("apimo", "listLeads parameter timestamp minimum", "assumed"),
    ("apimo", "listRequestCrossings parameter step maximum", "assumed"),
    ("apimo", "listProperties parameter status", "documented"),
    ("apimo", "variant request-required", "documented"),
    ("apimo", "schema RequestInput", "documented"),
    ("apimo", "schema Lead required", "inferred"),
    ("apimo", "schema NumberText maximum", "assumed"),
    ("seeker", "getLeads parameter minDate maximum", "documented"),
    ("seeker", "openidConfiguration response 400", "assumed"),
    ("seeker", "jwks response 403", "assumed"),
    ("gsl", "jwks response 400", "assumed"),
    ("gsl", "searchAgencyLeads response 400", "documented"),
    ("seeker", "schema contactRequest.email format", "documented"),
    ("seeker", "schema contactRequest.email type", "inferred"),
    ("seeker", "schema contactRequest.firstName maxLength", "documented"),
    ("gsl", "schema ContactRequest.email format", "inferred"),
    ("gsl", "schema CountryCode enum", "inferred"),
    ("apimo", "listLeads parameter limit: at most 10000 may be asked for", "documented"),
    ("apimo", "listAgencies parameter limit: at most 1000 may be asked for", "documented"),
    ("apimo", "listCatalogs operation: action_type, action_method and general are left out and are 404", "assumed"),
    ("apimo", "schema Property.referral", "inferred"),
    ("apimo", "schema Property.price.unit", "inferred"),
    ("apimo", "schema Property.plot.width", "inferred"),
    ("apimo", "schema Property.height", "inferred"),
    ("apimo", "schema Property.areas[].lot", "inferred"),
    ("apimo", "schema Property.cadastre_reference", "documented"),
    ("apimo", "schema Property.price.transfer_tax", "documented"),
    ("apimo", "schema Property.water.hot_device", "documented"),
    ("apimo", "schema Property.filling_rate", "documented"),
    ("apimo", "schema Property.exchanges", "observed"),
    ("apimo", "schema Agency.url", "inferred"),
    ("apimo", "schema Agency.rates[].id", "inferred"),
    ("apimo", "schema Agency.partners[].currency", "inferred"),
    ("apimo", "schema Agency.name", "documented"),
    ("apimo", "schema Contact.created_at", "documented"),
    ("apimo", "schema LeadUpdate.opened type", "inferred"),
    ("apimo", "schema Criteria", "documented"),
    ("apimo", "schema Range.min", "documented"),
    ("apimo", "schema Range.min type", "inferred"),
    ("apimo", "schema Contact.civil_status", "documented"),
    ("apimo", "schema Contact.spouse_taxcode", "documented"),
]


@pytest.mark.parametrize(("provider", "subject", "level"), AUDITED, ids=[f"{p} {s}" for p, s, _ in AUDITED])
def test_the_ledger_claims_what_the_evidence_has(provider: str, subject: str, level: str) -> None:
    assert rows_of(provider)[subject].level == level


def test_a_shared_response_is_as_sure_as_the_reference_to_it_says() -> None:
    document = deepcopy(MINIMAL)
    document["components"]["responses"] = {"Bad": {"description": "bad", "x-fidelity": SURE}}
    (item,) = document["paths"].values()
    (operation,) = item.values()
    operation["responses"]["400"] = {"$ref": "#/components/responses/Bad", "x-fidelity": UNSURE}
    assert levels(document)["response 400"] == ("assumed", False)
    del operation["responses"]["400"]["x-fidelity"]
    assert levels(document)["response 400"] == ("documented", False)


def test_an_operation_that_may_not_be_there_has_no_documented_response() -> None:
    rows = [
        LedgerRow("test", "get", "operation", "", "assumed", "a guess", False),
        LedgerRow("test", "get", "response 400", "", "documented", "seed 000 l.14", False),
    ]
    (sentence,) = unfounded(rows)
    assert sentence.startswith("test: get response 400 (documented; seed 000 l.14)")
    assert not unfounded([*rows, LedgerRow("test", "get", "response 200", "", "documented", "seed 000 l.14", False)])


@pytest.mark.parametrize("statement", [{"enum": ["a"]}, {"const": "a"}])
def test_an_enum_without_a_type_is_named(statement: dict[str, Any]) -> None:
    with pytest.raises(ContractError, match=r"#/components/schemas/Thing/properties/x$"):
        check_enum_types(thing(properties={"x": statement}))
    check_enum_types(thing(properties={"enum": {"type": "string", **statement}}))


@pytest.mark.parametrize("operation", [name for name in CONTRACTS["apimo"].operations if "Lead" not in name])
def test_no_parameter_of_another_operation_rests_on_the_page_of_leads_alone(operation: str) -> None:
    for row in CONTRACTS["apimo"].ledger:
        if row.operation == operation and row.thing.startswith("parameter ") and "seed 000" in row.source:
            assert "of others dossier apimo §" in row.source, row


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ("rooms", "numberOfRoomsMin is filled first"),
        ("spaces", "spaceMin is filled first"),
        ("budget", "amountMax is filled first"),
    ],
)
def test_the_contract_says_which_end_of_a_range_is_filled_first(member: str, words: str) -> None:
    """Dossier seeker §3.12."""
    schemas = CONTRACTS["seeker"].document["components"]["schemas"]
    assert words in schemas["psearchMetadata"]["properties"][member]["description"]


def test_sections_and_lines_are_known_of_every_document_of_ours() -> None:
    for name, document in documents().items():
        if name.startswith(("seed ", "dossier ")):
            assert (document.lines > 0) is name.startswith("seed "), name
            assert bool(document.sections) is name.startswith("dossier "), name
