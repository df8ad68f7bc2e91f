"""The link of an enquiry to the contacts of its agency."""

from mockserver.foundation.named_tuple import NamedTuple


class ContactLink(NamedTuple):
    """The seeker of an enquiry, and whether the agency has linked it to a contact."""

    seeker: int
    in_contacts: bool
