"""Capsules: a sandbox in one file, for whoever has to see the same elsewhere. No secret is in it."""
