"""The draws of an enquiry from which others learn about it before it is made: one hash gives them all."""

from hashlib import blake2b
from struct import Struct

from mockserver.foundation.named_tuple import NamedTuple

_LAYOUT = Struct(">10I")


class EnquiryDraws(NamedTuple):
    """Random numbers of 32 bits, each for one question; times `STEP` they are in [0, 1)."""

    moment: int
    """The place of its moment between those of its neighbours."""
    purpose: int
    parent: int
    """The enquiry that it repeats, if it does."""
    visit: int
    """The time when the seeker came before, if they did."""
    premises: int
    asker: int
    call: int
    rental_file: int
    opening: int
    closing: int
    """The paces at which it is opened and closed, where time is short."""


def draw_enquiry(seed: int, id: int) -> EnquiryDraws:
    """Returns the draws of the enquiry of that id, the same for the same seed."""
    return EnquiryDraws._make(_LAYOUT.unpack(blake2b(f"{seed}/draws/{id}".encode("ascii"), digest_size=40).digest()))
