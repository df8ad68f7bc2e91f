"""The request pipeline: route, authenticate, match faults, read, check, answer, check again, record."""
