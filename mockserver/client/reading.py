"""From what the admin API answers to values. Members that a newer server adds are passed over."""

from dataclasses import fields
from datetime import datetime

from mockserver.client.models import (
    ActiveDeliveryFault,
    Attempt,
    ClockState,
    Delivery,
    Difference,
    Entry,
    Fired,
    FiredFault,
    Json,
    Lead,
    Message,
    Nearest,
    PlacedFault,
    ScenarioState,
    Seeker,
    Subscription,
    Verification,
    Violation,
)
from mockserver.client.moments import read_moment


def read_entry(shown: Json) -> Entry:
    """From the journal's form."""
    return Entry(
        id=shown["id"],
        at=read_moment(shown["at"]),
        provider=shown["provider"],
        operation=shown["operation"],
        method=shown["method"],
        path=shown["path"],
        query=shown["query"],
        status=shown["status"],
        duration_ms=shown["duration_ms"],
        violations=tuple(_read_violation(entry) for entry in shown["violations"]),
        notes=tuple(shown["notes"]),
        fault=_read_fired(shown.get("fault")),
        request=_read_message(shown.get("request")),
        reply=_read_message(shown.get("reply")),
    )


def _read_violation(shown: Json) -> Violation:
    return Violation(shown["in"], shown["pointer"], shown["message"], shown.get("rule", ""))


def _read_fired(shown: Json | None) -> FiredFault | None:
    return None if shown is None else FiredFault(shown["id"], shown["kind"], shown.get("in_contract", True))


def _read_message(shown: Json | None) -> Message:
    if shown is None:
        return Message()
    headers = tuple((name, value) for name, value in shown.get("headers", ()))
    return Message(headers, shown.get("body", ""), shown.get("bytes", 0), shown.get("cut", False))


def read_clock(shown: Json) -> ClockState:
    """From `{now, frozen}`."""
    return ClockState(read_moment(shown["now"]), shown["frozen"])


def read_fault(shown: Json) -> PlacedFault:
    """From a fault with its id and what became of it."""
    until = shown.get("until")
    return PlacedFault(
        id=shown["id"],
        kind=shown["kind"],
        provider=shown.get("provider"),
        operation=shown.get("operation"),
        seen=shown["seen"],
        fired=shown["fired"],
        spent=shown["spent"],
        until=None if until is None else read_moment(until),
        fault={name: value for name, value in shown.items() if name not in ("id", "seen", "fired", "spent")},
    )


def read_subscription(shown: Json) -> Subscription:
    """From the form of a subscription."""
    members = {name: shown[name] for name in ("id", "provider", "user", "url", "active", "pending")}
    return Subscription(
        **members,
        created_at=read_moment(shown["created_at"]),
        updated_at=read_moment(shown["updated_at"]),
        last_success=_perhaps(shown["last_success"]),
        attempts=tuple(map(_read_attempt, shown["attempts"])),
    )


def _read_attempt(shown: Json) -> Attempt:
    members = {name: shown[name] for name in ("lead", "turn", "succeeded", "status", "reason")}
    return Attempt(at=read_moment(shown["at"]), **members)


def read_delivery(shown: Json) -> Delivery:
    """From the form of a delivery."""
    members = {name: shown[name] for name in ("number", "subscription", "lead", "state", "turns", "reason")}
    return Delivery(
        **members,
        made_at=read_moment(shown["made_at"]),
        next_at=_perhaps(shown["next_at"]),
        finished_at=_perhaps(shown["finished_at"]),
        quirks=tuple(shown["quirks"]),
    )


def _perhaps(moment: str | None) -> datetime | None:
    return None if moment is None else read_moment(moment)


def read_delivery_fault(shown: Json) -> ActiveDeliveryFault:
    """From a delivery fault with its id and what became of it."""
    became = ("id", "seen", "fired", "spent")
    return ActiveDeliveryFault(
        **{name: shown[name] for name in (*became, "kind", "provider", "subscription")},
        delivery_fault={name: value for name, value in shown.items() if name not in became},
    )


def read_lead(shown: Json) -> Lead:
    """From the neutral form of a lead."""
    moments = {name: read_moment(shown[name]) for name in ("created_at", "updated_at", "contacted_at")}
    seeker = Seeker(**{name: shown["seeker"][name] for name in _SEEKER})
    return Lead(**{**{name: shown[name] for name in _LEAD}, **moments, "seeker": seeker})


_SEEKER = [field.name for field in fields(Seeker)]
_LEAD = [field.name for field in fields(Lead)]


def read_verification(shown: Json) -> Verification:
    """From `{held, actual, certain, explanation, nearest?}`."""
    nearest = shown.get("nearest")
    return Verification(
        shown["held"],
        shown["actual"],
        shown.get("certain", True),
        shown["explanation"],
        None if nearest is None else _read_nearest(nearest),
    )


def _read_nearest(shown: Json) -> Nearest:
    differs = (Difference(one["member"], one.get("wanted"), one.get("actual")) for one in shown["differs"])
    return Nearest(read_entry(shown["entry"]), tuple(differs))


def read_scenario(shown: Json) -> ScenarioState:
    """From the state of a scenario; everything is empty when none is at work."""
    return ScenarioState(
        name=shown["name"],
        why=shown["why"],
        step=shown["step"],
        steps=shown["steps"],
        done=shown["done"],
        waits=shown.get("waits"),
        fired=tuple(_read_step(step) for step in shown["fired"]),
    )


def _read_step(shown: Json) -> Fired:
    return Fired(shown["step"], read_moment(shown["at"]), tuple(shown["what"]), tuple(shown.get("failed", ())))
