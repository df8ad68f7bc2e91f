from dataclasses import replace

import pytest

from mockserver.judge.contact_traits import is_bare, is_odd
from mockserver.provider_api.judge_adapter import Contact

FULL = Contact("ana@example.org", ("0611223344",), "Ana Roy", "Bonjour, est-ce encore libre ?")


@pytest.mark.parametrize("text", ["x" * 2_001, "O'Brien", "a\tb", "東京", "zero\u200bwidth", "back\\slash", "<b>"])
def test_text_that_programs_stumble_over_is_odd(text: str) -> None:
    assert all(is_odd(contact) for contact in (Contact(text), Contact(name=text), Contact(message=text)))


@pytest.mark.parametrize("text", ["", "x" * 2_000, "Éloïse de la Tour-d'Auvergne".replace("'", "’"), "« Ça ? »\r\n…"])
def test_french_as_it_is_written_is_not_odd(text: str) -> None:
    assert not is_odd(Contact(message=text))


def test_a_contact_that_lacks_anything_is_bare() -> None:
    assert not is_bare(FULL)
    lacking = [{"email": ""}, {"phones": ()}, {"name": ""}, {"message": ""}]
    assert all(is_bare(replace(FULL, **lack)) for lack in lacking)  # type: ignore[arg-type]
