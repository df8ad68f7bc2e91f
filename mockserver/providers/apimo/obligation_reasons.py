"""Why a client of Apimo owes each obligation, where that stands, and how sure we are."""

from collections.abc import Mapping

from mockserver.provider_api.judge_adapter import ObligationReason

_SEED = "seed 000"
_HTTP = "RFC 9110"

REASONS: Mapping[str, ObligationReason] = {
    # The run as a whole
    "RUN-01": ObligationReason(
        "Leads are only to be had by asking: Apimo has no webhooks, so who never calls has none.",
        f"{_SEED}; dossier apimo §2",
        "documented",
    ),
    "RUN-02": ObligationReason(
        "A scheduler takes any other exit code for a failure and wakes somebody, or runs the import again.",
        "POSIX.1-2017, exit status of a utility",
        "documented",
    ),
    "RUN-03": ObligationReason(
        "Each lead of the list is somebody who waits for a call of the agency; only the id is sure to be there.",
        f"{_SEED}; dossier apimo §2.1",
        "documented",
    ),
    "RUN-04": ObligationReason(
        "Every lead has a unique id of Apimo's; anything else that is held is no lead of the agency.",
        _SEED,
        "documented",
    ),
    # Contract
    "CONTRACT-01": ObligationReason(
        "`limit`, `offset` and `timestamp` are whole numbers and a new lead has a reference; invalid data is refused.",
        f"{_SEED}; dossier apimo §5",
        "documented",
    ),
    "CONTRACT-02": ObligationReason(
        "A parameter that Apimo does not know is passed over: one client asks for `timestamps` and gets everything.",
        "dossier apimo §3",
        "observed",
    ),
    "CONTRACT-03": ObligationReason(
        "The published call of a write sends `content-type: application/json`.",
        f"{_SEED}, seed 001",
        "documented",
    ),
    "CONTRACT-05": ObligationReason(
        "Old clients put the parameters into a body, which made their GET a POST; today a POST creates a lead.",
        f"dossier apimo §3; {_HTTP} §9.3.1",
        "observed",
    ),
    "CONTRACT-06": ObligationReason(
        "The token is the password of HTTP Basic and never runs out: in an address it ends up in every log on the way.",
        f"dossier apimo §4; {_HTTP} §17.9",
        "documented",
    ),
    # Pages
    "PAGE-01": ObligationReason(
        "`total_items` counts all pages together; while it is more than offset and items, more follow.",
        f"{_SEED}; dossier apimo §3",
        "documented",
    ),
    "PAGE-02": ObligationReason(
        "1,000 calls a day and 10 a second are free: each page that is read for nothing is one of them.",
        "dossier apimo §0.8",
        "documented",
    ),
    "PAGE-04": ObligationReason(
        "Pages are cut by `offset`: a lead that goes away moves all behind it forward, onto the page read before.",
        f"{_SEED}; dossier apimo §3",
        "inferred",
    ),
    "PAGE-05": ObligationReason(
        "Lists give what was created or updated since, so a lead comes again with each change, under the same id.",
        _SEED,
        "documented",
    ),
    "PAGE-06": ObligationReason(
        "An agency without leads, or without news, has an empty list; `timestamp` is null then.",
        "dossier apimo §0.4, §3",
        "observed",
    ),
    "PAGE-07": ObligationReason(
        "Behind the end there is an empty list and no error, so nothing but `total_items` or a page that is not full "
        "stops a client.",
        "dossier apimo §3",
        "inferred",
    ),
    # Synchronisation
    "SYNC-01": ObligationReason(
        "`timestamp` is there to ask only for records that were created or updated since.", _SEED, "documented"
    ),
    "SYNC-02": ObligationReason(
        "An answer tells the `timestamp` of the newest item in it, which is what the next one asks from; whether that "
        "second is included nobody knows.",
        f"{_SEED}; dossier apimo §3",
        "inferred",
    ),
    "SYNC-03": ObligationReason(
        "Portals hand leads in later than they were written; what date such a lead gets is not documented.",
        "dossier apimo §2.1, §3",
        "assumed",
    ),
    "SYNC-04": ObligationReason(
        "`timestamp` is a moment on Apimo's clock; a client's own clock may be minutes away from it.",
        "dossier apimo §0.3, §3",
        "inferred",
    ),
    "SYNC-05": ObligationReason(
        "A list bounded by `timestamp` shows updated leads again: step, agent and what the customer wrote may change.",
        _SEED,
        "documented",
    ),
    "SYNC-06": ObligationReason(
        "`parent` names the lead that this one repeats; it is there so that duplicates can be passed over.",
        f"{_SEED}; dossier apimo §7",
        "documented",
    ),
    # Access
    "TOKEN-04": ObligationReason(
        "A 401 says that provider number or token is wrong; there is no other token, so asking again changes nothing.",
        f"dossier apimo §4, §5; {_HTTP} §15.5.2",
        "observed",
    ),
    "TOKEN-05": ObligationReason(
        "A 403 says that the agency is inactive or not linked to the provider, which only the agency can change.",
        f"dossier apimo §5; {_HTTP} §15.5.4",
        "observed",
    ),
    "TOKEN-07": ObligationReason(
        "Every call carries the whole credentials (HTTP Basic): who follows a redirect with them gives them away.",
        f"dossier apimo §4; {_HTTP} §15.4",
        "inferred",
    ),
    "TOKEN-09": ObligationReason(
        "The token never runs out and opens every agency that was granted: whoever reads it in a log has it.",
        "dossier apimo §4; RFC 7617 §4",
        "inferred",
    ),
    # Failures of the provider
    "FAULT-01": ObligationReason(
        "The free quota ends at 10 calls a second and 1,000 a day; clients met 429 and wait before they go on.",
        f"dossier apimo §0.8, §5; {_HTTP} §10.2.3",
        "inferred",
    ),
    "FAULT-02": ObligationReason(
        "No header of a 429 was ever seen; Retry-After may be a date, and the quota of a day ends at a moment.",
        f"dossier apimo §0.8; {_HTTP} §10.2.3",
        "assumed",
    ),
    "FAULT-03": ObligationReason(
        "Two clients repeat after 5xx; each repetition counts against a quota of 10 calls a second.",
        "dossier apimo §0.8, §5",
        "observed",
    ),
    "FAULT-04": ObligationReason(
        "A client that never gives up spends the 1,000 calls of a day, and nobody learns that it stands still.",
        "dossier apimo §0.8",
        "inferred",
    ),
    "FAULT-05": ObligationReason(
        "Apimo answers 5xx and 429 as any service does; leads that did not come are missed only when the run says so.",
        "dossier apimo §5",
        "observed",
    ),
    "FAULT-06": ObligationReason(
        "A client met answers that are no JSON; an empty list is a 200 with an empty array and nothing else.",
        "dossier apimo §5",
        "observed",
    ),
    "FAULT-07": ObligationReason(
        "With `timestamp` the leads of a page that failed never come again, unless the next run asks from before.",
        f"{_SEED}; dossier apimo §3",
        "inferred",
    ),
    "FAULT-08": ObligationReason(
        "There is no DELETE and no sign of deletion for leads: that a list cannot be read says nothing of any lead.",
        "dossier apimo §7",
        "documented",
    ),
    # Tolerance
    "TOLERANCE-01": ObligationReason(
        "The published page shows 25 members of a lead and the provider's OpenAPI more; members were added before.",
        "dossier apimo §0.7, §2.1",
        "documented",
    ),
    "TOLERANCE-02": ObligationReason(
        "`type` and `step` are ids of catalogs, which grow: the subtypes of properties had 14 new ids in three years.",
        "dossier apimo §6",
        "observed",
    ),
    "TOLERANCE-03": ObligationReason(
        "An absent text is null in one published example and empty in the other, and members are missing in both.",
        f"{_SEED}; dossier apimo §2.1",
        "documented",
    ),
    "TOLERANCE-04": ObligationReason(
        "Everything is UTF-8 in 18 languages, and no length of a name or message is documented.",
        "dossier apimo §1",
        "documented",
    ),
    "TOLERANCE-05": ObligationReason(
        "Order, the second of `timestamp`, what `total_items` counts and whether a PUT is partial stand nowhere.",
        "dossier apimo §3, §9",
        "documented",
    ),
    # Data protection
    "GDPR-01": ObligationReason(
        "The agency must erase on request, and so must everybody to whom it gave the data; that the lead then comes "
        "with nulls and a new `updated_at` is our choice.",
        "GDPR Art. 17, 19; dossier apimo §7",
        "assumed",
    ),
    "GDPR-03": ObligationReason(
        "Leads are asked for by agency and moment only; a name in an address or header stays in logs of others.",
        "GDPR Art. 5(1)(c), (f); dossier apimo §3",
        "inferred",
    ),
    # Writes
    "WRITE-01": ObligationReason(
        "`reference` is the sender's own unique name of a lead, the only way to know a repetition; whether Apimo "
        "refuses, updates or doubles is not known.",
        f"{_SEED}; dossier apimo §2.2",
        "documented",
    ),
    "WRITE-02": ObligationReason(
        "The published PUT sends the whole object, and nobody knows whether what is left out is emptied.",
        "seed 001; dossier apimo §2, §9",
        "inferred",
    ),
}
