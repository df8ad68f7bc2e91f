"""World files are found by name or path, read as YAML, and checked before anybody makes a world from them."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mockserver.foundation.resources import resource, with_dates_as_text
from mockserver.world.files import WorldError, WorldFile, first_complaint
from mockserver.world.locales import check_locale
from mockserver.world.pins import PinBoard


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
    try:
        file = WorldFile.model_validate(_read(content))
        PinBoard(file).check()
        check_locale(file.locale)
    except ValidationError as error:
        raise WorldError(f"World file {path}: {first_complaint(error, WorldFile)}.") from None
    except WorldError as error:
        raise WorldError(f"World file {path}: {error}") from None
    return file


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
