"""A client with real addresses in its code: Apimo and Seeker Leads, by httpx."""

import sys
import time

import httpx

APIMO, SEEKER = "https://api.apimo.pro", "https://api.aviv-group.com/seeker-leads/v1"
SECRETS = ("4321", "0123456789abcdef0123456789abcdef01234567")
GRANT = {"grant_type": "client_credentials", "client_id": "mock-seeker-client", "client_secret": "mock-seeker-secret"}

with httpx.Client() as client:
    leads = client.get(f"{APIMO}/agencies/101/leads", params={"limit": 2}, auth=SECRETS).json()["leads"]
    token = client.post("https://auth.api.aviv-group.com/oauth/token", data={**GRANT, "audience": SEEKER}).json()
    now = int(time.time())
    page = client.get(
        f"{SEEKER}/leads",
        params={"minDate": now - 600_000, "maxDate": now, "limit": 1},
        headers={"Authorization": f"Bearer {token['access_token']}"},
    )
    sys.stdout.write(f"leads {len(leads)} {page.json()['links']['next']}\n")
    try:
        sys.stdout.write(f"other {client.get(sys.argv[1]).status_code}\n")
    except httpx.HTTPError as error:
        sys.stdout.write(f"refused {error}\n")
