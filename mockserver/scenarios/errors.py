"""A scenario that cannot be used has one kind of error."""

from mockserver.foundation.document_errors import DocumentError


class ScenarioError(DocumentError):
    """A scenario that cannot be used; the message tells every mistake, with its line in a file."""
