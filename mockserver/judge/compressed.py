"""Answers whose body came compressed, since the client had said that it takes that."""

from mockserver.judge.calls import JudgedCall
from mockserver.judge.evidence import Evidence, Run

DECODES = "TOLERANCE-07"
"""The obligation to decode such a body."""


def is_compressed(evidence: Evidence, call: JudgedCall) -> bool:
    """Tells whether a drill is about compressed answers, and the body of this one came so; the journal has it as text.

    In other drills a client that takes gzip gets it as well, and has something else to be blamed for.
    """
    return DECODES in evidence.aims and any(name == b"content-encoding" for name, _ in call.entry.reply_headers)


def none_was_read(evidence: Evidence, run: Run) -> bool:
    """Tells whether a run made nothing of compressed answers: no lead of them is held, or it ended at the first.

    The first may be a token, behind which no lead was shown.
    """
    compressed = [call for call in run.calls if is_compressed(evidence, call)]
    offered = {item.id for call in compressed for item in call.items}
    if offered:
        return not offered & {line.id for line in run.outcome or ()}
    return bool(compressed) and compressed[-1] is run.calls[-1] and not run.shown_leads
