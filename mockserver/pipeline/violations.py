"""Rules of the contract that a request breaks as a whole, as violations for the journal."""

from mockserver.foundation.problems import MessagePart, Problem, Violation

_PLACES: dict[str, MessagePart] = {
    **dict.fromkeys(("malformed", "missing_body", "unreadable_body", "payload_too_large"), "body"),
    "unsupported_media_type": "header",
    "method_not_allowed": "path",
    "not_found": "path",
}


def broken_rules(problem: Problem, *, is_routed: bool) -> list[Violation]:
    """Returns the rule that a request breaks: its body cannot be read, its address or its method does not exist."""
    place = _PLACES.get(problem.name)
    # Where an operation is at the address, only the entity is missing.
    if place is None or (problem.name == "not_found" and is_routed):
        return []
    pointer = "/content-type" if problem.name == "unsupported_media_type" else ""
    return [Violation(place, pointer, problem.name, problem.detail)]
