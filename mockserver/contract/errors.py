"""A contract that cannot be served has one kind of error."""


class ContractError(ValueError):
    """A contract or an overlay that this server refuses; the message is one sentence that names the place."""
