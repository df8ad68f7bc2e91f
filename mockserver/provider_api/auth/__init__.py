"""Authentication of clients: HTTP Basic, and OAuth2 client credentials with signed tokens."""
