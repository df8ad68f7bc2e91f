"""Why a client of Seeker Leads owes each obligation: what the provider says or does, where, and how sure we are."""

from collections.abc import Mapping

from mockserver.provider_api.judge_adapter import Level, ObligationReason

_SEED = "seed 003"
_LIST = "dossier seeker §2.2"
_WALK = "dossier seeker §4"
_TOKENS = "dossier seeker §7"
_HOOKS = "dossier seeker §6"
_ERRORS = "dossier seeker §8"


def _on(level: Level, document: str, *reason: str) -> ObligationReason:
    return ObligationReason(" ".join(reason), document, level)


_RUNS: Mapping[str, ObligationReason] = {
    "RUN-01": _on(
        "documented",
        "dossier seeker §1",
        "Leads are fetched by search, or told of by webhook after a subscription was made; both begin with a call.",
    ),
    "RUN-02": _on(
        "assumed",
        "POSIX, exit status",
        "Who starts a program knows by its exit code alone whether it failed, and no call did.",
    ),
    "RUN-03": _on(
        "documented",
        "dossier seeker §1",
        "Each lead is a person who waits for an answer; every category comes in the same list.",
    ),
    "RUN-04": _on(
        "documented", f"{_SEED}, leadMetadataCommon", "A lead is known by the `leadId` that the provider gave it."
    ),
}

_CONTRACT: Mapping[str, ObligationReason] = {
    "CONTRACT-01": _on(
        "documented",
        _LIST,
        "`minDate` and `maxDate` are required, in Unix seconds; what is not valid is answered with 400",
        "and shows no lead.",
    ),
    "CONTRACT-02": _on(
        "inferred",
        _LIST,
        "The operation page names four parameters and no filter; what another one is meant to do does not happen.",
    ),
    "CONTRACT-04": _on(
        "observed",
        f"{_TOKENS} (sister)",
        "A firewall before the service blocks calls without a User-Agent, on the token address too, says the sister's",
        "documentation; the one known client sends one.",
    ),
    "CONTRACT-05": _on(
        "inferred",
        "RFC 9110 §9.3.1",
        "The parameters of a search are in the query; a body of a GET means nothing and may be refused on the way.",
    ),
    "CONTRACT-06": _on(
        "documented",
        "dossier seeker §1; RFC 6750 §2.3",
        "The token goes into the Authorization header of every request; addresses are written to logs.",
    ),
}

_PAGES: Mapping[str, ObligationReason] = {
    "PAGE-01": _on(
        "observed", _WALK, "A page has at most 100 leads; 206, or a `start` in `links.next`, says that more follow."
    ),
    "PAGE-02": _on(
        "documented",
        "dossier seeker §1",
        "Requests are limited to 10 in 200 ms; a page that came whole need not be asked for again.",
    ),
    "PAGE-03": _on(
        "observed",
        f"{_LIST}, {_WALK}",
        "`start` is taken from `links.next`; only where a 206 has no link the last `leadId` takes its place.",
        "Its form is not documented and may change.",
    ),
    "PAGE-05": _on(
        "observed",
        _WALK,
        "Periods that overlap show a lead again, and so does its webhook; the known client goes by `leadId`.",
    ),
    "PAGE-06": _on(
        "observed",
        _LIST,
        "A period without any lead is answered with 404 where nothing is wrong, met by the one known client.",
    ),
    "PAGE-07": _on(
        "observed",
        _WALK,
        "The last page is 200 and has no `start` in `links.next`; who asks on begins the period anew.",
    ),
    "PAGE-08": _on(
        "documented", _LIST, "Both bounds say it: the period has at most 7 days. A longer one is refused with 400."
    ),
    "PAGE-09": _on(
        "inferred",
        f"{_LIST}, §11",
        "Longer times have to be split into periods, and whether a bound belongs to its period is not documented:",
        "only periods that meet show every second under both readings.",
    ),
}

_SYNC: Mapping[str, ObligationReason] = {
    "SYNC-01": _on(
        "observed",
        _WALK,
        "The list is bounded by ingestion date so that only new leads are fetched; the known client goes back 30 days",
        "once, and two hours after that.",
    ),
    "SYNC-02": _on(
        "documented",
        f"{_SEED}, ingestionDate",
        "`ingestionDate` has whole seconds, and several leads share one; what was ingested since",
        "the newest one shown is in no earlier answer.",
    ),
    "SYNC-03": _on(
        "inferred",
        f"{_WALK}, §6",
        "Leads are processed before they are shown, and nobody promises an order; the known client asks for two hours",
        "again each time, and for 48 after a webhook.",
    ),
    "SYNC-04": _on(
        "inferred",
        f"{_SEED}, ingestionDate; RFC 9110 §6.6.1",
        "The date is the provider's, written when it processed the lead; no two clocks agree.",
    ),
    "SYNC-05": _on(
        "documented",
        f"{_SEED}, contactRequest",
        "The contact of a lead that was shown before can change, at least when the seeker is erased, and no other call",
        "tells of it.",
    ),
    "SYNC-07": _on(
        "documented", _LIST, "`maxDate` is required: leads after it are in no answer, however new they are."
    ),
}

_TOKEN: Mapping[str, ObligationReason] = {
    "TOKEN-01": _on(
        "observed",
        f"{_TOKENS} (sister)",
        "A token is good for 24 hours; that clients cache it is looked at before production is opened to them.",
    ),
    "TOKEN-02": _on(
        "observed",
        f"{_TOKENS} (sister)",
        "A token is good for 24 hours, far longer than a run, and the provider wants it to be used again.",
    ),
    "TOKEN-03": _on(
        "observed",
        f"{_TOKENS}; RFC 6750 §3.1",
        "A token ends, or is withdrawn, at any call; a 401 then says `invalid_token`, and a new one is needed.",
    ),
    "TOKEN-04": _on(
        "observed",
        _TOKENS,
        "Wrong credentials and a missing client-grant are only put right by people; the known client leaves a refused",
        "request alone for half an hour.",
    ),
    "TOKEN-05": _on(
        "inferred",
        "RFC 9110 §15.5.4",
        "403 is no passing failure: the same request with the same credentials is refused again.",
    ),
    "TOKEN-06": _on(
        "observed",
        _TOKENS,
        "One token endpoint serves several APIs and both addresses; `audience`, the base URL of the API, says what the",
        "token is for.",
    ),
    "TOKEN-07": _on(
        "inferred",
        "RFC 9110 §15.4; RFC 6750 §5.3",
        "Whoever has a bearer token has its rights for a day; no document of the provider has a redirect.",
    ),
    "TOKEN-08": _on(
        "observed",
        _TOKENS,
        "403 Bad Scope was met with a token that was issued before the right was opened; another token had it.",
    ),
    "TOKEN-09": _on(
        "inferred",
        "RFC 6749 §10.3; RFC 6750 §5.3",
        "Secrets and tokens must be kept from others, and what a program writes ends up in logs.",
    ),
}

_FAULTS: Mapping[str, ObligationReason] = {
    "FAULT-01": _on(
        "documented",
        "dossier seeker §1, §8; RFC 9110 §10.2.3",
        "More than 10 requests in 200 ms are too many; the list of statuses has 429, and the sister's client obeys",
        "`Retry-After`.",
    ),
    "FAULT-02": _on(
        "inferred",
        "RFC 9110 §10.2.3",
        "Retry-After is a number of seconds or a date; nothing says which of them comes, and proxies send both.",
    ),
    "FAULT-03": _on(
        "inferred",
        "RFC 9110 §15.6.4; dossier seeker §1",
        "Who fails under load is not helped by calls in quick succession, and those count against the limit.",
    ),
    "FAULT-04": _on(
        "observed",
        f"{_WALK}, §7",
        "An outage lasts longer than a run should; the known client has a time limit for each request and ends.",
    ),
    "FAULT-05": _on(
        "observed",
        f"{_LIST}, §8",
        "Anything but 200, 206 and the 404 of an empty period is an error, and its body says which.",
    ),
    "FAULT-06": _on(
        "observed",
        f"{_LIST}, §8",
        "Both answers of a period without leads are whole JSON; one that is cut or in another format says nothing.",
    ),
    "FAULT-07": _on(
        "inferred",
        _LIST,
        "Lists are by ingestion date alone; a period that could not be read and is not asked for again is lost.",
    ),
    "FAULT-08": _on(
        "inferred",
        f"{_SEED}, errorResponse",
        "An error says that the provider could not answer, nothing of the leads that it showed before.",
    ),
}

_TOLERANCE: Mapping[str, ObligationReason] = {
    "TOLERANCE-01": _on(
        "documented",
        f"{_SEED}, errorResponse; {_ERRORS}",
        "Errors may have further members, says the schema; minor versions only add some, say the sister's conventions.",
    ),
    "TOLERANCE-02": _on(
        "observed", "dossier seeker §3.19", "`CALL_TRACKING` came to a client before any page of the portal named it."
    ),
    "TOLERANCE-03": _on(
        "documented",
        f"{_SEED}, contactRequest",
        "All of a contact but its message is optional, and of an erased seeker even that is null.",
    ),
    "TOLERANCE-04": _on(
        "documented",
        f"{_SEED}, contactRequest",
        "Names have up to 100 characters, messages as many as were written, of whatever script.",
    ),
    "TOLERANCE-05": _on(
        "documented",
        _ERRORS,
        "Two documents of the provider contradict each other, and a portal of its developers is all that is published.",
    ),
    "TOLERANCE-06": _on(
        "observed",
        f"dossier seeker §2.3; {_ERRORS}",
        "A lead that is not there, or not there any more, is 404 by its id, as are other customers' leads.",
    ),
}

_GDPR: Mapping[str, ObligationReason] = {
    "GDPR-01": _on(
        "documented",
        f"{_SEED}, contactRequest",
        "When seekers have their data deleted, name, message, gender and language are null and there is no telephone",
        "number any more; no event tells of it.",
    ),
    "GDPR-02": _on(
        "documented",
        f"{_SEED}, TTL",
        "After the moment in `TTL`, three years from creation, a lead is to be deleted from all systems.",
    ),
    "GDPR-03": _on(
        "inferred",
        "GDPR art. 5 (1) c; RFC 9110 §17.9",
        "No parameter of this API takes anything of a person; addresses and headers are logged by others.",
    ),
}

_HOOK: Mapping[str, ObligationReason] = {
    "HOOK-01": _on(
        "assumed", f"{_HOOKS}, §11", "How long the provider waits is not published; ten seconds is what we took."
    ),
    "HOOK-02": _on(
        "documented",
        _HOOKS,
        "The `apiKey` of a subscription is there to authenticate webhooks; anybody can post to a public address.",
    ),
    "HOOK-03": _on(
        "assumed", f"{_HOOKS}, §11", "Delivery is at least once: when an answer is lost, the same lead is sent again."
    ),
    "HOOK-04": _on(
        "assumed", f"{_HOOKS}, §11", "No order is promised; a delivery that is repeated comes after younger leads."
    ),
    "HOOK-05": _on(
        "observed",
        f"dossier seeker §3.19; {_SEED}, contactRequest",
        "A category that no page names was met already, and a seeker may be erased before the webhook is sent.",
    ),
}

REASONS: Mapping[str, ObligationReason] = {
    **_RUNS,
    **_CONTRACT,
    **_PAGES,
    **_SYNC,
    **_TOKEN,
    **_FAULTS,
    **_TOLERANCE,
    **_GDPR,
    **_HOOK,
}
"""By the id of the obligation."""
