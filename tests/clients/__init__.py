"""Client programs to judge: one that holds every obligation for each provider, and broken ones made from it."""
