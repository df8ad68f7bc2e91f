"""How a held text differs, in words."""

import pytest

from mockserver.judge.text_differences import how_text_differs

SHOWN = "Bonjour, je suis très intéressé 😀"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (SHOWN[:16], ": it is cut after 16 characters"),
        (f"{SHOWN[:16]}…", ": it is cut after 16 characters"),
        (SHOWN.replace("è", "e").replace("é", "e"), ": characters of it are replaced"),
        (SHOWN.replace("😀", "??"), ": characters of it are replaced"),
        (SHOWN.encode().decode("latin-1"), ": its UTF-8 was read as Latin-1"),
        (SHOWN.replace(", ", ",\n"), ": its white space differs"),
        ("Bonsoir", ""),
        ("Is it free? May I see it?", ""),
    ],
)
def test_how_a_text_differs(value: str, told: str) -> None:
    assert how_text_differs(value, SHOWN) == told


def test_nothing_more_is_told_of_a_text_that_never_was() -> None:
    assert how_text_differs("x", "") == how_text_differs("", "x") == how_text_differs("...", "x") == ""
