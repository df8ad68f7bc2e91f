"""The one error of a contract that cannot be served."""


class ContractError(ValueError):
    """A contract or an overlay that this server refuses; the message is one sentence that names the place."""
