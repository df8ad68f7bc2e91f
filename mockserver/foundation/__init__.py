"""Foundations that every package may use: clock, problems, settings, redaction, ASGI helpers."""
