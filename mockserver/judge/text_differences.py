"""Says how a text that is held differs from the one that was shown, as far as it can be told."""

_IN_PLACE_OF = "?\N{REPLACEMENT CHARACTER}"
"""Characters that programs write for those that they cannot."""
_ELLIPSES = ".…"


def how_text_differs(value: str, original: str) -> str:
    """Returns the rest of a sentence, with a colon before it; empty where it is another text."""
    value, original = _lines(value), _lines(original)
    if not value or not original:
        return ""
    if value.split() == original.split():
        return ": its white space differs"
    begun = value.rstrip(_ELLIPSES)
    if begun and len(begun) < len(original) and original.startswith(begun):
        return f": it is cut after {len(begun):,} characters"
    if original.encode(errors="replace").decode("latin-1") == value:
        return ": its UTF-8 was read as Latin-1"
    return ": characters of it are replaced" if _is_replaced(value, original) else ""


def _is_replaced(value: str, original: str) -> bool:
    """Tells whether some characters have others in their place, and most are as they were."""
    if len(value) == len(original):
        return 2 * sum(one != other for one, other in zip(value, original, strict=True)) < len(original)
    letters = [character for character in value if character not in _IN_PLACE_OF]
    rest = iter(original)
    return (
        2 * len(letters) > len(original)
        and len(letters) < len(value)
        and all(character in rest for character in letters)
    )


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
