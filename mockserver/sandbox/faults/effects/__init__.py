"""Effects of faults, a file for each kind: the response in the handler's place, or the change of the one it made."""
