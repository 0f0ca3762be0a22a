"""Where today's API is: hosts by region, and what a CRN says. Evidence: IBM's client and the published servers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

IAM_URL = "https://iam.cloud.ibm.com"
_IBM_DOMAIN = ".quantum.cloud.ibm.com"
_REGION = re.compile("[a-z0-9-]+")
_HOME = "us-east"


@dataclass(frozen=True, slots=True)
class Crn:
    """The parts of an instance's CRN that a client needs; None where it does not say."""

    region: str | None
    account_id: str | None


def parse_crn(crn: str) -> Crn:
    """Return what `crn:v1:bluemix:public:quantum-computing:<region>:a/<account>:<instance>::` says.

    Whatever is no CRN has no region and no account: the service is the one to refuse it.
    """
    parts = crn.split(":")
    if parts[0] != "crn" or len(parts) < 8:
        return Crn(region=None, account_id=None)
    kind, _, account = parts[6].partition("/")
    return Crn(
        region=parts[5] if _REGION.fullmatch(parts[5]) else None,
        account_id=account if kind == "a" and account else None,
    )


def default_url(region: str) -> str:
    """Return the base URL of the API in a region; us-east has the host without a region in its name."""
    return "https://quantum.cloud.ibm.com/api" if region == _HOME else f"https://{region}{_IBM_DOMAIN}/api"


def default_iam_url(url: str) -> str:
    """Return where tokens for the API at `url` come from: IBM's IAM for IBM's hosts, else the origin of `url` itself.

    So an API key goes to IBM only when IBM's API was meant, and a fake that has both on one address needs no more said.
    """
    parts = urlsplit(url)
    if f".{parts.hostname}".endswith(_IBM_DOMAIN):
        return IAM_URL
    return f"{parts.scheme}://{parts.netloc}"
