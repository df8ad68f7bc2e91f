"""Citations in words: no reader is left with a number that only we can open."""

import re

import pytest

from mockserver.foundation.settings import Settings
from mockserver.judge.catalogue import reasons_of
from mockserver.judge.citations import cited, documents, spelled_out
from mockserver.providers.contracts import provider_names
from mockserver.server.app import read_contracts

OURS = re.compile(r"seed \d|dossier ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed 002, introduction", "the documentation page of GSL Leads API v2, introduction"),
        ("dossier gsl §5", "our notes on GSL Leads v2 (periods and cursors)"),
        ("dossier apimo §0.8, §5; RFC 9110 §10.2.3", "our notes on Apimo (quotas; errors); RFC 9110 §10.2.3"),
        ("dossier seeker §1 and §8.", "our notes on Seeker Leads (addresses, limits and categories; {8})."),
        ("dossier seeker §7 (sister)", "our notes on Seeker Leads (tokens) (sister)"),
        ("dossier gsl §99", "our notes on GSL Leads v2 (§99)"),
        ("a seed of another kind: seed 999", "a seed of another kind: seed 999"),
    ],
)
def test_a_citation_is_spelled_out(text: str, words: str) -> None:
    expected = words.replace("{8}", documents()["dossier seeker"].sections["8"])
    assert spelled_out(text) == expected
    assert spelled_out(expected) == expected


def test_the_documents_of_a_text_are_told_in_its_order() -> None:
    text = spelled_out("dossier gsl §5; RFC 9110 §10.2.3; seed 002, errors; GDPR art. 17")
    assert [document.title for document in cited(text)] == [
        "our notes on GSL Leads v2",
        "RFC 9110",
        "the documentation page of GSL Leads API v2",
        "GDPR",
    ]
    assert cited("nobody knows") == []


@pytest.mark.parametrize("provider", provider_names())
def test_every_reason_and_every_row_of_the_ledger_cites_what_readers_understand(provider: str) -> None:
    texts = [reason.document for reason in reasons_of(provider).values()]
    texts += [row.source for row in read_contracts(Settings())[provider].ledger]
    for text in map(spelled_out, texts):
        assert not OURS.search(text), text
        assert not re.search(r"our notes on [^(]*\([^)]*§", text), f"{text}: sources.yaml has no words for that section"


@pytest.mark.parametrize("provider", provider_names())
def test_every_public_document_that_a_reason_cites_has_an_address(provider: str) -> None:
    for reason in reasons_of(provider).values():
        names = {document.title for document in cited(reason.document)}
        for name in re.findall(r"RFC \d+|GDPR|POSIX\.1-2017", reason.document):
            assert name in names, f"fixtures/sources.yaml lacks {name}"
    assert all(document.url or document.title.startswith("our notes") for document in documents().values())
