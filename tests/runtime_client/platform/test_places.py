"""Where calls go: hosts by region, IAM by host, and what a CRN says."""

from __future__ import annotations

import pytest
import requests

from runtime_client import RuntimeClient as RuntimeClientOf2021
from runtime_client import connect
from runtime_client.platform import RuntimeClient
from runtime_client.platform.places import Crn, default_iam_url, parse_crn
from tests.runtime_client.conftest import only_requests
from tests.runtime_client.platform.answers import API_KEY, INSTANCE, JOB_ID, job_json, token_json
from tests.runtime_client.platform.conftest import MakeClient
from tests.runtime_client.scripted import Service, json_answer

IAM = "https://iam.cloud.ibm.com"


@pytest.mark.parametrize(
    ("region", "host"),
    [("us-east", "https://quantum.cloud.ibm.com"), ("eu-de", "https://eu-de.quantum.cloud.ibm.com")],
)
def test_hosts_of_a_region(make_platform_client: MakeClient, service: Service, region: str, host: str) -> None:
    """Finds IBM's host and IBM's IAM by the region of the instance."""
    service.answers(token_json(), json_answer(job_json()))
    make_platform_client(None, token=API_KEY, instance=INSTANCE.replace("us-east", region)).get_job(JOB_ID)
    addresses = [sent.url.partition("?")[0] for sent in service.sent]
    assert addresses == [f"{IAM}/identity/token", f"{host}/api/v1/jobs/{JOB_ID}"]


def test_iam_of_ones_own(make_platform_client: MakeClient, service: Service) -> None:
    """Asks the IAM that it was told, below any path."""
    service.answers(token_json(), json_answer(job_json()))
    make_platform_client(token=API_KEY, iam_url="http://iam.test/a/").get_job(JOB_ID)
    assert service.sent[0].url == "http://iam.test/a/identity/token"


@pytest.mark.parametrize(
    ("url", "iam"),
    [
        ("https://quantum.cloud.ibm.com/api", IAM),
        ("https://eu-de.quantum.cloud.ibm.com/api", IAM),
        ("https://private.eu-de.quantum.cloud.ibm.com/api", IAM),
        ("http://127.0.0.1:8000/api", "http://127.0.0.1:8000"),
        ("https://quantum.cloud.ibm.com.evil.test/api", "https://quantum.cloud.ibm.com.evil.test"),
        ("https://notquantum.cloud.ibm.com/api", "https://notquantum.cloud.ibm.com"),
    ],
)
def test_iam_by_host(url: str, iam: str) -> None:
    """Sends a key to IBM only if IBM's API was meant, and else to the host that was named."""
    assert default_iam_url(url) == iam


@pytest.mark.parametrize(
    ("crn", "meant"),
    [
        (INSTANCE, Crn(region="us-east", account_id="0a1b2c")),
        ("crn:v1:bluemix:public:quantum-computing:eu-de:a/x:y::", Crn(region="eu-de", account_id="x")),
        ("crn:v1:bluemix:public:quantum-computing:evil.test/:a/x:y::", Crn(region=None, account_id="x")),
        ("crn:v1:bluemix:public:quantum-computing::o/x:y::", Crn(region=None, account_id=None)),
        ("crn:v1", Crn(region=None, account_id=None)),
        ("my-instance", Crn(region=None, account_id=None)),
        ("", Crn(region=None, account_id=None)),
    ],
)
def test_crn(crn: str, meant: Crn) -> None:
    """Reads region and account, and makes no host out of what is no region."""
    assert parse_crn(crn) == meant


@pytest.mark.parametrize("instance", [None, "my-instance"])
def test_no_address_at_all(instance: str | None) -> None:
    """Needs an address where the instance names no region."""
    with pytest.raises(ValueError, match="url must be given"):
        RuntimeClient(token=API_KEY, instance=instance)


@pytest.mark.parametrize("what", ["url", "iam_url"])
def test_addresses_that_are_none(what: str) -> None:
    """Refuses an address that is none, and says which."""
    with pytest.raises(ValueError, match=f"{what} must start with http"):
        RuntimeClient(**{"url": "http://h", "token": API_KEY, what: "ftp://h"})  # type: ignore[arg-type]


@pytest.mark.parametrize("edition", ["platform", "today"])
def test_connect(session: requests.Session, service: Service, edition: str) -> None:
    """Makes a client of today's API, with all options."""
    service.answers(json_answer({"versions": []}))
    client = connect(edition=edition, token=API_KEY, instance=INSTANCE, session=session, api_version="2025-01-01")
    assert isinstance(client, RuntimeClient)
    client.versions()
    assert service.sent[0].url == "https://quantum.cloud.ibm.com/api/v1/versions"


def test_connect_to_2021_needs_an_address() -> None:
    """Has no address of its own for an API that is gone."""
    with pytest.raises(TypeError, match="needs url and token"):
        connect(edition="2021", token=API_KEY)
    assert isinstance(connect("http://h", token=API_KEY), RuntimeClientOf2021)


@only_requests
def test_closing(make_platform_client: MakeClient, service: Service) -> None:
    """Leaves a session open that is the caller's."""
    with make_platform_client() as client:
        assert isinstance(client, RuntimeClient)
    assert not service.closed
    RuntimeClient("http://h", token=API_KEY).close()
