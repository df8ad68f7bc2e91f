"""Why a client of GSL owes each obligation: what the provider says or does, where that stands, how sure that is."""

from collections.abc import Mapping

from mockserver.provider_api.judge_adapter import Level, ObligationReason

_SEARCH = "seed 002, the request of a search"
_ANSWER = "seed 002, the answer of a search"
_TOKENS = "seed 002, authentication"
_SCOPES = "seed 002, scopes"
_ERRORS = "seed 002, errors"


def _documented(reason: str, document: str) -> ObligationReason:
    return _ground(reason, document, "documented")


def _inferred(reason: str, document: str) -> ObligationReason:
    return _ground(reason, document, "inferred")


def _assumed(reason: str, document: str) -> ObligationReason:
    return _ground(reason, document, "assumed")


def _ground(reason: str, document: str, level: Level) -> ObligationReason:
    return ObligationReason(reason, document, level)


_RUN = {
    "RUN-01": _documented(
        "Leads are fetched, none is sent: what a program does not ask for it never has.", "seed 002, introduction"
    ),
    "RUN-02": _assumed(
        "Whoever runs the program knows of a failure by its exit code alone, and every answer was good.",
        "POSIX, exit status of a command",
    ),
    "RUN-03": _documented(
        "Every item of a search is a request to be contacted that the agency received.", "seed 002, introduction"
    ),
    "RUN-04": _documented(
        "A lead is known by its `leadId`, which the provider alone gives out.", "seed 002, path parameter leadId"
    ),
}
_CONTRACT = {
    "CONTRACT-01": _documented(
        "A body that does not fit is refused with 400 and `errors` that name the member, and no lead is shown.", _ERRORS
    ),
    "CONTRACT-03": _inferred(
        "Bodies are JSON, and the sister API refuses others with an `errorSource` of contentType.",
        "dossier gsl §7.2",
    ),
    "CONTRACT-05": _inferred(
        "Only searches take a body and they are POST; the owner's standard forbids one with a GET.",
        "dossier gsl §4; RFC 9110 §9.3.1",
    ),
    "CONTRACT-06": _inferred(
        "The token belongs into the Authorization header; addresses end up in the logs of everything on the way.",
        "RFC 6750 §2.3 and §5.3",
    ),
}
_PAGES = {
    "PAGE-01": _documented(
        "A search answers a page of at most `Limit` leads and the `LastItemKey` behind which the others are.", _ANSWER
    ),
    "PAGE-02": _inferred(
        "Calls count towards a usage plan, and the same cursor of the same search shows the same page.",
        "seed 002, authentication; dossier gsl §2",
    ),
    "PAGE-03": _inferred(
        "`LastItemKey` is the key of a data base in a form that nobody outside can read, let alone write.",
        "dossier gsl §5",
    ),
    "PAGE-05": _documented(
        "`leadId` identifies a lead, in every search and by itself.", "seed 002, path parameter leadId"
    ),
    "PAGE-06": _assumed(
        "A period without leads is answered with 200 and no item, or with 404 as a client of the successor met it.",
        "dossier gsl §7.2, variant empty-result",
    ),
    "PAGE-07": _assumed(
        "On the last page `LastItemKey` is absent, null or empty; sent back like that it is no cursor, and the search "
        "begins anew.",
        "dossier gsl §5, variant last-item-key",
    ),
    "PAGE-09": _inferred(
        "A search finds what was created from `StartDate` to `EndDate`; whether both belong to it is not said, so only "
        "periods that touch or overlap are without a gap.",
        "dossier gsl §5, variant date-bounds",
    ),
    "PAGE-10": _assumed(
        "How long a cursor is good is not said; one that is refused is refused every time.", "dossier gsl §5"
    ),
}
_SYNC = {
    "SYNC-01": _inferred(
        "A search is about a period, and calls count towards a usage plan.",
        "seed 002, the request of a search and authentication",
    ),
    "SYNC-02": _inferred(
        "Searches go by the date of creation, in whole seconds: more leads of the last second may still come.",
        "dossier gsl §5",
    ),
    "SYNC-03": _inferred(
        "Nothing says that leads come in the order of their dates: portals hand them in, some of them late.",
        "dossier gsl §5",
    ),
    "SYNC-04": _inferred(
        "`creationDate` is written by the provider's clock, which is not the client's.",
        "dossier gsl §6.2; RFC 9110 §6.6.1",
    ),
    "SYNC-05": _inferred(
        "A lead that is shown again is shown as it is now; there is no other sign of a change.", "dossier gsl §6"
    ),
    "SYNC-07": _documented(
        "Leads can be read as soon as somebody asked to be contacted, and `EndDate` must be named.",
        "seed 002, introduction and errors",
    ),
}
_TOKEN = {
    "TOKEN-01": _inferred(
        "The sister API has its tokens used again for the 24 hours of their life, and looks at that before production.",
        "dossier gsl §2.1",
    ),
    "TOKEN-02": _inferred(
        "A token lives for the `expires_in` seconds of its answer, a day in the sister API, whatever runs meanwhile.",
        "dossier gsl §2.1; RFC 6749 §5.1",
    ),
    "TOKEN-03": _inferred(
        "A token that is over or was withdrawn is refused with 401, and client credentials get another one at once.",
        "dossier gsl §7.2; RFC 6750 §3.1",
    ),
    "TOKEN-04": _documented(
        "Credentials are personal and come from customer support: those that are refused do not get better by asking.",
        _TOKENS,
    ),
    "TOKEN-05": _inferred(
        "403 is about the scopes in the token, and the same token has the same ones next time.",
        "dossier gsl §7.2; RFC 6750 §3.1",
    ),
    "TOKEN-06": _documented(
        "A token carries only the scopes that were asked for, and every operation needs `laas:leads:get`.", _SCOPES
    ),
    "TOKEN-07": _inferred(
        "Whoever has the bearer token reads the leads, so it is for the provider alone, wherever a redirect leads.",
        "RFC 6750 §5.3; RFC 9110 §15.4",
    ),
    "TOKEN-09": _documented(
        "Client credentials are personal, and who reads a token in a log can use it until it ends.",
        "seed 002, authentication; RFC 6750 §5.3",
    ),
}
_FAULTS = {
    "FAULT-01": _assumed(
        "There is a usage plan, so there are too many calls; how long to wait is said as by any HTTP service.",
        "dossier gsl §2; RFC 6585 §4; RFC 9110 §10.2.3",
    ),
    "FAULT-02": _assumed("Retry-After may be a date as well as seconds.", "RFC 9110 §10.2.3"),
    "FAULT-03": _assumed(
        "A service that fails is not helped by a client that asks at once, again and again.",
        "dossier gsl §7.2; RFC 9110 §15.6.4",
    ),
    "FAULT-04": _assumed("An outage may last for hours, and calls count towards a usage plan.", "dossier gsl §2"),
    "FAULT-05": _assumed(
        "A list that was not read to its end is not known; whoever runs the program has to hear of it.",
        "POSIX, exit status of a command",
    ),
    "FAULT-06": _documented(
        "A page is a JSON object with `Data.Items`; what is anything else says nothing about how many leads there are.",
        _ANSWER,
    ),
    "FAULT-07": _documented(
        "Which leads a client has is known to the client alone: the provider shows what it is asked for, by period.",
        _SEARCH,
    ),
    "FAULT-08": _inferred(
        "A failure is about the call: no document lets it mean that a lead is gone. That is a 404 of that lead.",
        "dossier gsl §7.2",
    ),
}
_TOLERANCE = {
    "TOLERANCE-01": _documented(
        "Clients must take members that they do not know, in errors as in normal answers.", _ERRORS
    ),
    "TOLERANCE-02": _inferred(
        "Of most enumerations only one word is published, and what counts as a compatible change was left open.",
        "dossier gsl §6.6; seed 002, versions",
    ),
    "TOLERANCE-03": _inferred(
        "Which members are always there is not said, and the owner rather leaves out than sends null.", "dossier gsl §6"
    ),
    "TOLERANCE-04": _documented(
        "Names and messages are texts without any bound, as their writers typed them.", _ANSWER
    ),
    "TOLERANCE-05": _documented(
        "The page contradicts itself or is silent about units, bounds, cursors and errors; either may be true.",
        "seed 002; dossier gsl §10",
    ),
    "TOLERANCE-06": _inferred(
        "A lead that is gone, or is another customer's, is answered with 404.", "dossier gsl §7.2"
    ),
}
_GDPR = {
    "GDPR-01": _inferred(
        "Of somebody who was erased no name, number or message is shown any more, as in the successor; the law wants "
        "the same of who received them.",
        "dossier gsl §6; GDPR, articles 17 and 19",
    ),
    "GDPR-02": _inferred(
        "`timeToLive` is the moment after which a lead is deleted from all systems, three years after its creation.",
        "dossier gsl §6.2",
    ),
    "GDPR-03": _documented("Searches go by dates, numbers and ids: no request needs to say who somebody is.", _SEARCH),
}

REASONS: Mapping[str, ObligationReason] = {
    **_RUN,
    **_CONTRACT,
    **_PAGES,
    **_SYNC,
    **_TOKEN,
    **_FAULTS,
    **_TOLERANCE,
    **_GDPR,
}
"""By the id of the obligation."""
