"""Ends of numbers that come from outside, such that every part of the server can hold them."""

LARGEST_ID = 10**15 - 1
"""Fifteen digits, as many as the contracts let a client write."""
LARGEST = 2**53
"""JSON's whole numbers are exact as far as that in every language."""
MOST_CALLS = 10**9
"""The end of what counts calls: no server of a test answers so many."""
