"""The sandboxes of a process, and the factory that makes them."""
