"""The provider interface: contract, handlers, authentication, error envelope, judge adapter."""
