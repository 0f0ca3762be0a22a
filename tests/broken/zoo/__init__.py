"""The zoo: servers of every edition with one planted deviation each, written down before anybody looked for them."""

from __future__ import annotations

from tests.broken.zoo.deviation import Deviation
from tests.broken.zoo.legacy import LEGACY
from tests.broken.zoo.platform_access import ACCESS, TENANTS
from tests.broken.zoo.platform_jobs import JOBS_ROWS
from tests.broken.zoo.platform_lists import LISTS, SESSIONS
from tests.broken.zoo.platform_requests import ACCEPTS, BREAKS, PROTOCOL, REFUSES
from tests.broken.zoo.platform_shapes import SHAPES

__all__ = ["LEGACY", "PLATFORM", "ZOO", "Deviation"]

PLATFORM = (*SHAPES, *ACCESS, *TENANTS, *JOBS_ROWS, *LISTS, *SESSIONS, *ACCEPTS, *REFUSES, *BREAKS, *PROTOCOL)
ZOO = (*PLATFORM, *LEGACY)
