"""Elements of XML documents, with text of others."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, not even as a reference."""


def xml_element(
    parent: ET.Element | None, tag: str, attributes: Mapping[str, str] | None = None, text: str = ""
) -> ET.Element:
    """Makes an element, below a parent where there is one; what XML cannot hold is left out of its texts."""
    clean = {name: _ILLEGAL.sub("", value) for name, value in (attributes or {}).items()}
    element = ET.Element(tag, clean) if parent is None else ET.SubElement(parent, tag, clean)
    element.text = _ILLEGAL.sub("", text) or None
    return element
