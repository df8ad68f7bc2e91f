"""Compiled contracts and worlds are kept in files, since compiling takes longer than everything else at a start.

A wheel brings those of its own documents. Others lie in a cache folder of the user, which may be deleted at any time.
Each file is named by a digest of all that decides what is in it, and begins with a checksum of the rest.
"""

import os
import stat
import sys
import zlib
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from mockserver.foundation.resources import resource

_KEPT = 24
"""The most files of a cache folder; the ones that were written last stay."""
_SUFFIX = ".compiled"


def digest_of(*parts: bytes) -> str:
    """Returns 32 hexadecimal digits that tell these parts from any others."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def packed(compiled: Any, document: Any) -> bytes:
    """Returns the content of a file: a checksum, then what was compiled, and the document, each in a line of JSON."""
    content = b"%b\n%b" % (orjson.dumps(compiled), orjson.dumps(document))
    return b"%08x\n%b" % (zlib.crc32(content), content)


def unpacked(content: bytes) -> tuple[Any, bytes]:
    """Returns what was compiled, and the document in JSON. Raises ValueError for a file that is not whole."""
    checksum, _, rest = content.partition(b"\n")
    if checksum != b"%08x" % zlib.crc32(rest):
        raise ValueError("the checksum is another one")
    compiled, _, document = rest.partition(b"\n")
    return orjson.loads(compiled), document


def find(name: str, digest: str) -> tuple[Any, bytes] | None:
    """Returns what was compiled with that digest and the document in JSON; None where there is none that is whole."""
    for read in (_read_shipped, _read_cached):
        with suppress(OSError, ValueError):
            return unpacked(read(file_name(name, digest)))
    return None


def keep(name: str, digest: str, content: bytes) -> None:
    """Writes a file into the cache folder, as far as that is possible: a server starts without it, too."""
    with suppress(OSError, _Untrusted):
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _Folder(folder) as opened:
            opened.write(file_name(name, digest), content)
            opened.drop_oldest(_KEPT)


def file_name(name: str, digest: str) -> str:
    """Returns the name of a file."""
    return f"{name}-{digest}{_SUFFIX}"


def cache_folder() -> Path:
    """Returns the folder of this user: `MOCKSERVER_CACHE`, or one in the usual place. Raises OSError without one."""
    if chosen := os.environ.get("MOCKSERVER_CACHE"):
        return Path(chosen)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base, "lead-mockserver")
    try:
        return Path.home() / ".cache" / "lead-mockserver"
    except RuntimeError as error:
        raise OSError(str(error)) from None


def _read_shipped(name: str) -> bytes:
    # As trustworthy as the code beside it.
    return resource("compiled", name).read_bytes()


def _read_cached(name: str) -> bytes:
    with _Folder(cache_folder()) as opened:
        return opened.read(name)


class _Untrusted(ValueError):
    """Another user can write there, so that nobody knows who wrote what is there."""


class _Folder:
    """An open folder in which only this user can write; what is in it is reached through it, and not by a path."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when it cannot be opened, and _Untrusted when others can write in it."""
        if sys.platform == "win32":
            raise _Untrusted("there is no owner to go by")
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _check_trust(os.fstat(self._descriptor))
        except BaseException:
            os.close(self._descriptor)
            raise

    def __enter__(self) -> "_Folder":
        return self

    def __exit__(self, *failure: object) -> None:
        os.close(self._descriptor)

    def read(self, name: str) -> bytes:
        """Returns the content of a file. Raises OSError without one, and _Untrusted when others can write it."""
        with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=self._descriptor), "rb") as file:
            _check_trust(os.fstat(file.fileno()))
            return file.read()

    def write(self, name: str, content: bytes) -> None:
        """Writes a file at once: whoever reads meanwhile has the old one, or none, or the new one. Raises OSError."""
        from secrets import token_hex

        new = f".{token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            with open(os.open(new, flags, 0o600, dir_fd=self._descriptor), "wb") as file:
                file.write(content)
            os.replace(new, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except OSError:
            with suppress(OSError):
                os.unlink(new, dir_fd=self._descriptor)
            raise

    def drop_oldest(self, most: int) -> None:
        """Deletes the files of ours that were written first, until `most` are left. Raises OSError."""
        names = [name for name in os.listdir(self._descriptor) if name.endswith(_SUFFIX)]
        moments: dict[str, Any] = {name: os.stat(name, dir_fd=self._descriptor).st_mtime_ns for name in names}
        for name in sorted(names, key=lambda name: moments[name])[:-most]:
            os.unlink(name, dir_fd=self._descriptor)


def _check_trust(status: os.stat_result) -> None:
    """Raises _Untrusted unless it is this user's, and nobody else can write it."""
    if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        raise _Untrusted("others can write there")
