"""Citations in words for readers: `seed 002` is a page of the provider's, and `dossier gsl §5` notes of ours."""

import re

from mockserver.contract.sources import CITATION, CitedDocument, documents

_PLACE = re.compile(r"§([\d.]*\d)")


def spelled_out(text: str) -> str:
    """Returns the text with the titles of documents, and the subjects of sections, instead of their numbers.

    Lines are left out: they are those of our copy of a page.
    """
    return CITATION.sub(_spelled, text)


def _spelled(citation: re.Match[str]) -> str:
    document = documents().get(citation["name"] or citation["notes"])
    if document is None:
        return citation[0]
    subjects = [document.sections.get(number, f"§{number}") for number in _PLACE.findall(citation["sections"] or "")]
    return f"{document.title} ({'; '.join(subjects)})" if subjects else document.title


def cited(text: str) -> list[CitedDocument]:
    """Returns the documents that a text cites, in its order, whether they are spelled out in it or not."""
    places = {
        place: document
        for name, document in documents().items()
        if (place := min((at for word in (name, document.title) if (at := text.find(word)) >= 0), default=-1)) >= 0
    }
    return [places[place] for place in sorted(places)]


__all__ = ["CitedDocument", "cited", "documents", "spelled_out"]
