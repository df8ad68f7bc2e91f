"""The command line: `mockserver serve`, `conform` and the other commands."""
