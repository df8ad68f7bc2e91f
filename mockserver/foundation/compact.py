"""Bytes that are kept for long take the memory that they have, and not that of the buffer in which they were made."""


def compact(made: bytes) -> bytes:
    """Returns equal bytes in memory of their own size.

    Encoders write into a buffer that doubles as it grows, and cut it at the end: the rest, 7 KB behind 1 KB for
    example, is a hole that the next buffer does not fit into.
    """
    return bytes(memoryview(made))
