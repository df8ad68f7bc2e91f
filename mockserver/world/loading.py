"""World files are found by name or path, read as YAML, and checked before anybody makes a world from them.

What was read and checked once is kept, so that a start needs neither.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mockserver import domain
from mockserver.foundation.compiled_files import digest_of, file_name, find, keep, packed
from mockserver.foundation.resources import resource, with_dates_as_text
from mockserver.world.files import WorldError, WorldFile, read_world_file
from mockserver.world.locales import check_locale

_FORMAT = b"1"
"""The form of compiled files, beside what the code says."""
_CHECKING = ("files.py", "loading.py", "locales.py", "numbering.py", "pin_values.py", "pins.py")
"""Modules here that decide whether a world file is right, beside the domain."""


def world_names() -> tuple[str, ...]:
    """The worlds that come with the package, in alphabetical order."""
    return tuple(sorted(path.stem for path in resource("fixtures", "worlds").glob("*.yaml")))


def load_world_file(name_or_path: str) -> WorldFile:
    """A world that comes with the package, by its name, or a user's own by a path. Raises WorldError."""
    path = _find(name_or_path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WorldError(f"World file {path} cannot be read: {error.strerror}.") from None
    return _parse(path, content)


@lru_cache(16)
def _parse(path: Path, content: bytes) -> WorldFile:
    """Files with the same content are read and checked once; nobody changes a `WorldFile`."""
    name, digest = f"world-{path.stem[:40]}", digest_of(_FORMAT, _code(), content)
    before = find(name, digest)
    if before is not None:
        file = WorldFile.from_checked(before[0])
        _check_locale(path, file)
        return file
    file = _checked(path, content)
    keep(name, digest, packed(file.as_document(), None))
    return file


def write_compiled(folder: Path) -> Iterator[Path]:
    """Writes the worlds that come with the package into a folder, as a start looks for them, and yields their files."""
    for name in world_names():
        path = resource("fixtures", "worlds", f"{name}.yaml")
        content = path.read_bytes()
        file = folder / file_name(f"world-{name}", digest_of(_FORMAT, _code(), content))
        file.write_bytes(packed(_checked(path, content).as_document(), None))
        yield file


def _checked(path: Path, content: bytes) -> WorldFile:
    from pydantic import ValidationError

    from mockserver.world.choices import first_complaint
    from mockserver.world.pins import PinBoard

    try:
        file = read_world_file(_read(content))
        PinBoard(file).check()
    except ValidationError as error:
        raise WorldError(f"World file {path}: {first_complaint(error, WorldFile)}.") from None
    except WorldError as error:
        raise WorldError(f"World file {path}: {error}") from None
    _check_locale(path, file)
    return file


def _check_locale(path: Path, file: WorldFile) -> None:
    # Each time, since it depends on what is installed.
    try:
        check_locale(file.locale)
    except WorldError as error:
        raise WorldError(f"World file {path}: {error}") from None


@cache
def _code() -> bytes:
    """Returns the code that decides whether a world file is right, as a digest."""
    here = [Path(__file__).with_name(name) for name in _CHECKING]
    return digest_of(*(file.read_bytes() for file in (*here, *sorted(Path(domain.__path__[0]).glob("*.py"))))).encode()


def _find(name_or_path: str) -> Path:
    if name_or_path in world_names():
        return resource("fixtures", "worlds", f"{name_or_path}.yaml")
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = ", ".join(world_names())
    raise WorldError(f"There is no world {name_or_path!r}: give one of {names}, or the path of a YAML file.")


def _read(content: bytes) -> Any:
    import yaml

    try:
        loader = with_dates_as_text(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return yaml.load(content.decode("utf-8"), loader)
    except RecursionError:
        raise WorldError("it is nested too deeply, a world file has a few levels.") from None
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError) as error:
        # PyYAML raises the others for values that do not fit their tag.
        reason = " ".join(str(error).replace('in "<byte string>", ', "").replace('in "<unicode string>", ', "").split())
        raise WorldError(f"it cannot be read as YAML in UTF-8: {reason}.") from None
