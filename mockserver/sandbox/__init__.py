"""A sandbox: one world, and the state that lies over it."""
