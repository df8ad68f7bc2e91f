"""Citations in words for readers: `seed 002` is a page of the provider's, and `dossier gsl §5` notes of ours."""

import re
from collections.abc import Mapping
from functools import lru_cache

import yaml

from mockserver.domain import Frozen
from mockserver.foundation.resources import resource

_NUMBERS = r"§[\d.]*\d"
_OURS = re.compile(rf"(?P<name>seed \d+|dossier \w+)(?P<sections>(?:(?:,| and)? {_NUMBERS})*)")
"""A citation of a document that has another title for readers, with its sections."""
_PLACE = re.compile(r"§([\d.]*\d)")


class CitedDocument(Frozen):
    """A document that contracts and obligations cite."""

    title: str
    about: str
    url: str | None = None
    """The address at which it can be read."""
    sections: Mapping[str, str] = {}
    """The subject of each section, by its number."""


@lru_cache
def documents() -> Mapping[str, CitedDocument]:
    """Returns the documents by the words of a citation. Read once."""
    entries = yaml.safe_load(resource("fixtures", "sources.yaml").read_text(encoding="utf-8"))
    return {name: CitedDocument.model_validate(members) for name, members in entries.items()}


def spelled_out(text: str) -> str:
    """Returns the text with the titles of documents, and the subjects of sections, instead of their numbers."""
    return _OURS.sub(_spelled, text)


def _spelled(citation: re.Match[str]) -> str:
    document = documents().get(citation["name"])
    if document is None:
        return citation[0]
    subjects = [document.sections.get(number, f"§{number}") for number in _PLACE.findall(citation["sections"])]
    return f"{document.title} ({'; '.join(subjects)})" if subjects else document.title


def cited(text: str) -> list[CitedDocument]:
    """Returns the documents that a text cites, in its order, whether they are spelled out in it or not."""
    places = {
        place: document
        for name, document in documents().items()
        if (place := min((at for word in (name, document.title) if (at := text.find(word)) >= 0), default=-1)) >= 0
    }
    return [places[place] for place in sorted(places)]
