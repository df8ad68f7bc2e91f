"""A client with real addresses in its code: Apimo and GSL, by requests."""

import json
import sys

import requests

APIMO, GSL = "https://api.apimo.pro", "https://leads.api.groupeseloger.com"
SECRETS = ("4321", "0123456789abcdef0123456789abcdef01234567")
GRANT = {"grant_type": "client_credentials", "client_id": "mock-gsl-client", "client_secret": "mock-gsl-secret"}

leads = requests.get(f"{APIMO}/agencies/101/leads", params={"limit": 2}, auth=SECRETS).json()["leads"]
token = requests.post(f"{GSL}/oauth/token", data={**GRANT, "scope": "laas:leads:get"}).json()["access_token"]
search = {"SearchCriteria": {"StartDate": 0, "EndDate": 4_000_000_000}, "Pagination": {"Limit": 1, "Order": "desc"}}
found = requests.post(
    f"{GSL}/v2/leads",
    data=json.dumps(search),
    headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
)
sys.stdout.write(f"leads {len(leads)} {found.status_code}\n")
try:
    sys.stdout.write(f"other {requests.get(sys.argv[1]).status_code}\n")
except requests.RequestException as error:
    sys.stdout.write(f"refused {error}\n")
