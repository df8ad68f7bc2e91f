"""Answers whose body came compressed, since the client had said that it takes that."""

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run

DECODES = "TOLERANCE-07"
"""The obligation to decode such a body."""


def is_compressed(call: JudgedCall) -> bool:
    """Tells whether the body of the answer came compressed; the journal has it as text."""
    return any(name == b"content-encoding" for name, _ in call.entry.reply_headers)


def none_was_read(evidence: Evidence, run: Run) -> bool:
    """Tells whether compressed answers had leads, and not one of them is held after the run."""
    compressed = [call for call in run.calls if is_compressed(call)]
    offered = {item.id for call in compressed for item in call.items}
    held = {line.id for line in run.outcome or ()}
    return bool(compressed) and not offered & held
