"""The level of a rule that a request broke: that of the bound, and not that of the operation around it."""

import pytest

from mockserver.foundation.problems import MessagePart, Violation
from mockserver.foundation.settings import Settings
from mockserver.server.app import read_contracts

CONTRACTS = read_contracts(Settings())


@pytest.mark.parametrize(
    ("provider", "operation", "place", "pointer", "rule", "level"),
    [
        ("apimo", "listLeads", "query", "/limit", "type", "documented"),
        ("apimo", "listLeads", "query", "/limit", "minimum", "assumed"),
        ("apimo", "listLeads", "query", "/offset", "minimum", "assumed"),
        ("apimo", "listLeads", "path", "/agency_id", "minimum", "assumed"),
        ("apimo", "createLead", "body", "/reference", "required", "documented"),
        ("apimo", "createLead", "body", "/area_min", "pattern", "assumed"),
        ("apimo", "createLead", "body", "/area_min", "type", "documented"),
        ("apimo", "createLead", "body", "/country", "pattern", "assumed"),
        ("apimo", "createRequest", "body", "/types/0", "pattern", "assumed"),
        ("apimo", "createRequest", "body", "/areas/0/number", "maximum", "assumed"),
        ("apimo", "createRequest", "body", "/rooms_operator", "maximum", "documented"),
        ("gsl", "searchLeads", "body", "/SearchCriteria", "required", "documented"),
        ("gsl", "searchLeads", "body", "/SearchCriteria/EndDate", "required", "documented"),
        ("gsl", "searchLeads", "body", "/SearchCriteria/StartDate", "required", "inferred"),
        ("gsl", "searchLeads", "body", "/SearchCriteria/EndDate", "type", "documented"),
        ("gsl", "searchLeads", "body", "/SearchCriteria/EndDate", "multipleOf", "assumed"),
        ("gsl", "searchLeads", "body", "/SearchCriteria/EndDate", "minimum", "assumed"),
        ("gsl", "searchLeads", "body", "/SearchCriteria/StartDate", "order", "assumed"),
        ("gsl", "searchLeads", "body", "/Pagination/Limit", "maximum", "inferred"),
        ("gsl", "searchLeads", "body", "/Pagination/Order", "enum", "inferred"),
        ("gsl", "searchLeads", "body", "", "unreadable_body", "documented"),
        ("gsl", "getLeadById", "path", "/leadId", "type", "documented"),
        ("seeker", "getLeads", "query", "/minDate", "required", "documented"),
        ("seeker", "getLeads", "query", "/minDate", "minimum", "assumed"),
        ("seeker", "getLeads", "query", "/maxDate", "maximum", "documented"),
        ("seeker", "getLeads", "query", "/minDate", "period", "inferred"),
        ("seeker", "getLeads", "query", "/limit", "maximum", "inferred"),
        ("seeker", "createLead", "body", "/phoneNumbers", "minItems", "inferred"),
        ("seeker", "createLead", "body", "/phoneNumbers/0/number", "pattern", "documented"),
        ("seeker", "createLead", "body", "/phoneNumbers/0/number", "required", "documented"),
        ("seeker", "createLead", "body", "/classifiedId", "pattern", "documented"),
        ("seeker", "createSubscription", "body", "/url", "required", "assumed"),
        ("seeker", "createSubscription", "body", "/url", "maxLength", "assumed"),
        ("seeker", "createSubscription", "body", "/url", "address", "assumed"),
        ("seeker", "createSubscription", "body", "/url", "type", "observed"),
        ("seeker", "createSubscription", "body", "", "maximum", "assumed"),
        # an address or a method that is not there, and a member that nobody names
        ("seeker", "", "path", "", "not_found", "documented"),
        ("seeker", "createLead", "body", "/phoneNumbers/0/nowhere/else", "type", "documented"),
    ],
)
def test_a_rule_is_as_sure_as_what_it_stands_in(
    provider: str, operation: str, place: MessagePart, pointer: str, rule: str, level: str
) -> None:
    assert CONTRACTS[provider].certainty(operation, Violation(place, pointer, rule, "it is wrong")).level == level


def test_the_source_of_a_bound_comes_with_its_level() -> None:
    violation = Violation("query", "/limit", "minimum", "it is wrong")
    assert CONTRACTS["apimo"].certainty("listLeads", violation).source == "dossier apimo §9 (0 and less)"
