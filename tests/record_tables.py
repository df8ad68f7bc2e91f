"""Draws the tables of locales anew with the Faker that is installed: `make fixtures`.

The lists of Faker change from one version to the next, and with them every world would. So they are drawn once, and
kept in `fixtures/tables/locales`; each file says which version it was drawn with. After a deliberate change the digest
of the world and the recorded answers are taken anew, too.
"""

import sys

import orjson

from mockserver.world.faker_tables import draw_table
from mockserver.world.locales import SHIPPED, locale_file


def record() -> list[str]:
    """Writes the file of every locale that comes along, and returns the names of those that changed."""
    changed = []
    for name in SHIPPED:
        path, drawn = locale_file(name), orjson.dumps(draw_table(name)) + b"\n"
        if not path.exists() or path.read_bytes() != drawn:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(drawn)
            changed.append(name)
    return changed


if __name__ == "__main__":
    sys.stdout.write(f"tables that changed: {', '.join(record()) or 'none'}\n")
