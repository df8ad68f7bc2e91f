"""A client with real addresses in its code that looks at no variable for a proxy: Apimo, by http.client."""

import base64
import http.client
import json
import sys
from urllib.parse import urlsplit

SECRETS = b"4321:0123456789abcdef0123456789abcdef01234567"
HEADERS = {"Authorization": "Basic " + base64.b64encode(SECRETS).decode()}

connection = http.client.HTTPSConnection("api.apimo.pro")
connection.request("GET", "/agencies/101/leads?limit=2", headers=HEADERS)
sys.stdout.write(f"leads {len(json.load(connection.getresponse())['leads'])}\n")
connection.close()
try:
    other = http.client.HTTPSConnection(urlsplit(sys.argv[1]).netloc)
    other.request("GET", "/")
    sys.stdout.write(f"other {other.getresponse().status}\n")
except OSError as error:
    sys.stdout.write(f"refused {error}\n")
