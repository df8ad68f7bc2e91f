"""Apimo: agencies, their leads and what leads refer to, behind HTTP Basic."""
