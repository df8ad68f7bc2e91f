"""Answers of the admin API become values. Members that a newer server adds are passed over."""

from dataclasses import fields
from datetime import datetime

from mockserver.client.models import (
    ActiveDeliveryFault,
    ActiveFault,
    Attempt,
    ClockState,
    Delivery,
    Difference,
    Entry,
    Fired,
    FiredFault,
    JournalPage,
    Json,
    Lead,
    LeadPage,
    Message,
    Nearest,
    ScenarioState,
    Seeker,
    SigningKeys,
    Subscription,
    Verification,
    Violation,
)
from mockserver.client.moments import read_moment


def read_entry(answer: Json) -> Entry:
    """From the journal's form."""
    return Entry(
        id=answer["id"],
        at=read_moment(answer["at"]),
        real_at=read_moment(answer["real_at"]),
        provider=answer["provider"],
        operation=answer["operation"],
        method=answer["method"],
        path=answer["path"],
        query=answer["query"],
        status=answer["status"],
        duration_ms=answer["duration_ms"],
        violations=tuple(_read_violation(entry) for entry in answer["violations"]),
        notes=tuple(answer["notes"]),
        fault=_read_fired(answer.get("fault")),
        request=_read_message(answer.get("request")),
        reply=_read_message(answer.get("reply")),
    )


def read_journal(answer: Json) -> JournalPage:
    """From a page of the journal."""
    return JournalPage(tuple(map(read_entry, answer["entries"])), answer["total"], answer["evicted"])


def _read_violation(answer: Json) -> Violation:
    return Violation(answer["in"], answer["pointer"], answer["message"], answer.get("rule", ""))


def _read_fired(answer: Json | None) -> FiredFault | None:
    return None if answer is None else FiredFault(answer["id"], answer["kind"], answer.get("in_contract", True))


def _read_message(answer: Json | None) -> Message:
    if answer is None:
        return Message()
    headers = tuple((name, value) for name, value in answer.get("headers", ()))
    return Message(headers, answer.get("body", ""), answer.get("bytes", 0), answer.get("cut", False))


def read_clock(answer: Json) -> ClockState:
    """From `{now, frozen}`."""
    return ClockState(read_moment(answer["now"]), answer["frozen"])


def read_fault(answer: Json) -> ActiveFault:
    """From a fault with its id and what became of it."""
    until = answer.get("until")
    return ActiveFault(
        id=answer["id"],
        kind=answer["kind"],
        provider=answer.get("provider"),
        operation=answer.get("operation"),
        seen=answer["seen"],
        fired=answer["fired"],
        exhausted=answer["exhausted"],
        until=None if until is None else read_moment(until),
        changes=tuple(dict(change.items()) for change in answer.get("changes") or ()),
        fault={name: value for name, value in answer.items() if name not in ("id", "seen", "fired", "exhausted")},
    )


def read_subscription(answer: Json) -> Subscription:
    """From the form of a subscription."""
    members = {name: answer[name] for name in ("id", "provider", "user", "url", "active", "pending")}
    return Subscription(
        **members,
        created_at=read_moment(answer["created_at"]),
        updated_at=read_moment(answer["updated_at"]),
        last_success=_perhaps(answer["last_success"]),
        attempts=tuple(map(_read_attempt, answer["attempts"])),
    )


def _read_attempt(answer: Json) -> Attempt:
    members = {name: answer[name] for name in ("lead", "turn", "succeeded", "status", "reason")}
    return Attempt(at=read_moment(answer["at"]), **members)


def read_delivery(answer: Json) -> Delivery:
    """From the form of a delivery."""
    members = {name: answer[name] for name in ("number", "subscription", "lead", "state", "turns", "reason")}
    return Delivery(
        **members,
        made_at=read_moment(answer["made_at"]),
        next_at=_perhaps(answer["next_at"]),
        finished_at=_perhaps(answer["finished_at"]),
        faults=tuple(answer["faults"]),
    )


def _perhaps(moment: str | None) -> datetime | None:
    return None if moment is None else read_moment(moment)


def read_delivery_fault(answer: Json) -> ActiveDeliveryFault:
    """From a delivery fault with its id and what became of it."""
    became = ("id", "seen", "fired", "exhausted")
    return ActiveDeliveryFault(
        **{name: answer[name] for name in (*became, "kind", "provider", "subscription")},
        delivery_fault={name: value for name, value in answer.items() if name not in became},
    )


def read_lead(answer: Json) -> Lead:
    """From the neutral form of a lead."""
    moments = {name: read_moment(answer[name]) for name in ("created_at", "updated_at", "contacted_at")}
    seeker = Seeker(**{name: answer["seeker"][name] for name in _SEEKER})
    return Lead(**{**{name: answer[name] for name in _LEAD}, **moments, "seeker": seeker})


def read_leads(answer: Json) -> LeadPage:
    """From a page of leads."""
    return LeadPage(tuple(map(read_lead, answer["leads"])), answer["total"])


_SEEKER = [field.name for field in fields(Seeker)]
_LEAD = [field.name for field in fields(Lead)]


def read_signing_keys(answer: Json) -> SigningKeys:
    """From `{kid, keys}`."""
    return SigningKeys(answer["kid"], tuple(answer["keys"]))


def read_verification(answer: Json) -> Verification:
    """From `{held, actual, certain, explanation, nearest?}`."""
    nearest = answer.get("nearest")
    return Verification(
        answer["held"],
        answer["actual"],
        answer.get("certain", True),
        answer["explanation"],
        None if nearest is None else _read_nearest(nearest),
    )


def _read_nearest(answer: Json) -> Nearest:
    differs = (Difference(one["member"], one.get("wanted"), one.get("actual")) for one in answer["differs"])
    return Nearest(read_entry(answer["entry"]), tuple(differs))


def read_scenario(answer: Json) -> ScenarioState:
    """From the state of a scenario; everything is empty when none is at work."""
    return ScenarioState(
        name=answer["name"],
        why=answer["why"],
        step=answer["step"],
        steps=answer["steps"],
        done=answer["done"],
        waits=answer.get("waits"),
        fired=tuple(_read_step(step) for step in answer["fired"]),
    )


def _read_step(answer: Json) -> Fired:
    return Fired(answer["step"], read_moment(answer["at"]), tuple(answer["what"]), tuple(answer.get("failed", ())))
