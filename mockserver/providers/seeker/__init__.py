"""AVIV Seeker Leads: leads of all categories in one list, GDPR, webhooks, behind OAuth 2 client credentials."""
