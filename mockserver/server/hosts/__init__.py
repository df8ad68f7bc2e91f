"""Real hosts that are answered by the fake: routing by Host, TLS, a proxy that refuses every other host."""
