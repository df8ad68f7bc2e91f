"""The documents that contracts and obligations cite, and the lint that finds rows whose citation proves nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import yaml

from mockserver.contract.errors import ContractError
from mockserver.contract.ledger import LedgerRow
from mockserver.foundation.models import FrozenModel
from mockserver.foundation.resources import resource

SURE_LEVELS = ("documented", "observed")
"""The levels of what a document or a client shows, and which therefore needs a citation."""
CITATION = re.compile(
    r"(?P<name>seed \d+)(?P<lines>(?:,? l\.\d+(?:-\d+)?)*)"
    r"|(?P<notes>dossier \w+)(?P<sections>(?:(?:,| and)? §[\d.]*\d)*)"
)
"""A citation of a page by its lines, `seed 003 l.110, l.120-122`, or of notes by their sections, `dossier gsl §6.2`."""
_LINE = re.compile(r"l\.(\d+)(?:-(\d+))?")
_SECTION = re.compile(r"§([\d.]*\d)")


class CitedDocument(FrozenModel):
    """A document that contracts and obligations cite."""

    title: str
    about: str
    url: str | None = None
    """The address at which it can be read."""
    lines: int = 0
    """The number of lines of the copy that is cited; 0 where sections are cited."""
    sections: Mapping[str, str] = {}
    """The subject of each section, by its number."""


@lru_cache
def documents() -> Mapping[str, CitedDocument]:
    """Returns the documents by the words of a citation. Read once."""
    text = resource("fixtures", "sources.yaml").read_text(encoding="utf-8")
    # The parser in C, where there is one, is ten times as fast.
    entries = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {name: CitedDocument.model_validate(members) for name, members in entries.items()}


def check_citations(rows: Iterable[LedgerRow]) -> None:
    """Raises ContractError that names every row which claims more than its citation proves."""
    if sentences := unfounded(rows):
        raise ContractError("the ledger claims more than it proves:\n" + "\n".join(sentences))


def unfounded(rows: Iterable[LedgerRow]) -> list[str]:
    """Returns a sentence for each row that claims more than its citation proves.

    What is documented or observed names a line of a page or a section of notes; and whatever is named is there.
    """
    rows = list(rows)
    guessed = _guessed_operations(rows)
    sentences = []
    for row in rows:
        where = f"{row.provider}: {row.operation} {row.subject}".replace("  ", " ")
        if not row.inherited:
            sentences += [f"{where} ({row.level}; {row.source}): {what}" for what in _mistakes(row)]
        if (row.provider, row.operation) in guessed and row.thing.startswith("response ") and row.level in SURE_LEVELS:
            sentences.append(f"{where} ({row.level}; {row.source}): it is assumed that the operation is there at all")
    return sentences


def _guessed_operations(rows: Iterable[LedgerRow]) -> set[tuple[str, str]]:
    """Returns provider and id of each operation that is assumed, and of which no success is documented either.

    Where a page shows the answer of an operation, only the address is a guess.
    """
    assumed, documented = set(), set()
    for row in rows:
        if row.thing == "operation" and not row.part and row.level == "assumed":
            assumed.add((row.provider, row.operation))
        if row.thing.startswith("response 2") and row.level in SURE_LEVELS:
            documented.add((row.provider, row.operation))
    return assumed - documented


def _mistakes(row: LedgerRow) -> Iterator[str]:
    citations = [*CITATION.finditer(row.source)]
    for citation in citations:
        name = citation["name"] or citation["notes"]
        places = [*_LINE.finditer(citation["lines"] or ""), *_SECTION.finditer(citation["sections"] or "")]
        document = documents().get(name)
        if document is None:
            yield f"there is no {name} in fixtures/sources.yaml"
        elif not places:
            needed = "section" if document.sections else "line"
            yield f"it does not say which {needed} of {name}, as in `{name} {'§2' if needed == 'section' else 'l.12'}`"
        else:
            yield from (what for place in places if (what := _missing(name, document, place)))
    if row.level in SURE_LEVELS and not citations:
        yield "it names no line of a page and no section of notes; without one it is inferred or assumed"


def _missing(name: str, document: CitedDocument, place: re.Match[str]) -> str | None:
    """Returns a sentence about a line or a section that is not there."""
    if place[0].startswith("§"):
        return None if place[1] in document.sections else f"{name} has no section {place[0]}"
    first, last = int(place[1]), int(place[2] or place[1])
    return None if 1 <= first <= last <= document.lines else f"{name} has lines 1 to {document.lines}, not {place[0]}"
