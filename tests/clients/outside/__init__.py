"""Correct clients as engineers elsewhere would write them; none shares code or structure with the reference clients."""
