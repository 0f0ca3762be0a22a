"""A program of somebody else's that speaks to IBM's hosts, and knows nothing of a fake."""

import requests

GRANT = {"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": "a-key"}

token = requests.post("https://iam.cloud.ibm.com/identity/token", data=GRANT, timeout=10).json()["access_token"]
headers = {"Authorization": f"Bearer {token}", "IBM-API-Version": "2026-03-15"}
search = requests.post(
    "https://api.global-search-tagging.cloud.ibm.com/v3/resources/search",
    json={"query": "service_name:quantum-computing", "fields": ["crn", "name"]},
    headers=headers,
    timeout=10,
)
headers["Service-CRN"] = search.json()["items"][0]["crn"]
devices = requests.get("https://quantum.cloud.ibm.com/api/v1/backends", headers=headers, timeout=10).json()["devices"]
assert len(devices) > 5, devices
try:
    requests.get("https://example.org/", timeout=10)
except requests.exceptions.ProxyError:
    print(f"{len(devices)} devices, and no other host")
else:
    raise SystemExit("another host was reached")
