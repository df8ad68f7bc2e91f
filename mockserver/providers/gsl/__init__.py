"""GSL: the customer leads of Groupe SeLoger, searched by POST, behind OAuth 2 client credentials."""
