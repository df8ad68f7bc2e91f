"""Who is calling: one file per scheme."""
