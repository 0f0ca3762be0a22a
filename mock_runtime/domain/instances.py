"""Who calls, and on whose account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, order=True)
class Project:
    """A hub, group and project: what an account of IBM Quantum charged its jobs to (`ibm-q/open/main`)."""

    hub: str
    group: str
    project: str

    def over(self, default: Project) -> Project:
        """This project, with what is empty in it taken from another."""
        return Project(self.hub or default.hub, self.group or default.group, self.project or default.project)

    def __str__(self) -> str:
        return f"{self.hub}/{self.group}/{self.project}"


NO_PROJECT: Final = Project("", "", "")
"""What a caller means who names none."""

OPEN_PROJECT: Final = Project("ibm-q", "open", "main")
"""What everybody had. Evidence: transcripts of 2021."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who is allowed in.

    `id` is derived from the token and cannot be turned back into it. `may_upload` is the right to upload programs,
    which most accounts of 2021 did not have. `instance` is what the request is charged to; None in the editions that
    know none, where everybody is a tenant alone.
    """

    id: str
    name: str
    may_upload: bool = True
    instance: Instance | None = None

    @property
    def tenant(self) -> str:
        """Who owns what this caller makes."""
        return self.id if self.instance is None else self.instance.crn


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an instance is paid by: `open` is free, the others are charged.

    `id` is that of the plan in IBM's Global Catalog, `pricing` the word for it there. `allocation_s` are the seconds
    of quantum time in a period of `period_days`, None for as much as is paid for. `max_ttl_s` is the longest session.
    `dedicated` tells whether sessions may be dedicated: on the open plan they may not.
    """

    id: str
    name: str
    pricing: str
    allocation_s: int | None = None
    period_days: int = 28
    max_ttl_s: int = 8 * 3600
    dedicated: bool = True


OPEN_PLAN: Final = Plan(
    id="850b48c1-6a6a-4d0f-91d1-4b0d0a0b7a10",
    name="open",
    pricing="free",
    allocation_s=600,
    max_ttl_s=600,
    dedicated=False,
)
"""Ten minutes in 28 days, no dedicated sessions. Evidence: IBM's guides, cited by a third party; the id is ours."""

PAYGO_PLAN: Final = Plan(id="55a1c6f0-2f43-4f0e-9a6e-60c6e0b2a3b1", name="pay-as-you-go", pricing="paygo")
"""As much as is paid for. The id is ours."""

PLANS: Final = {plan.name: plan for plan in (OPEN_PLAN, PAYGO_PLAN)}
"""The plans that an instance can have, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A service instance: the tenant of today's API. Its jobs, sessions and tags belong to it and to nobody else.

    `limit_s` is the usage limit in seconds that its owner has set, None for none. `backends` are the names it may
    use; None means all.
    """

    crn: str
    name: str
    plan: Plan
    limit_s: int | None = None
    backends: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """The id of the IBM Cloud account that owns it."""
        return self.crn.split(":")[6].removeprefix("a/")

    @property
    def region(self) -> str:
        """Where it is: `us-east`, `eu-de`."""
        return self.crn.split(":")[5]

    @property
    def guid(self) -> str:
        """Its id alone, as Resource Controller and the answers of the API give it."""
        return self.crn.split(":")[7]

    def may_use(self, backend: str) -> bool:
        """Whether its jobs may run there."""
        return self.backends is None or backend in self.backends


CRN: Final = re.compile(
    r"crn:v1:[a-z]{1,20}:[a-z]{1,20}:quantum-computing:[a-z0-9-]{2,30}:a/[A-Za-z0-9]{1,64}:[A-Za-z0-9-]{1,64}::"
)
"""The form of an instance's CRN. Evidence: IBM's API page for the quantum service."""


def crn(*, account: str, guid: str, region: str = "us-east") -> str:
    """The CRN of an instance."""
    return f"crn:v1:bluemix:public:quantum-computing:{region}:a/{account}:{guid}::"
