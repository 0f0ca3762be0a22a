"""The editions of the API as the contract knows them: one profile each.

Everything here that fuzzes or walks is the same for all editions; what differs is in their profiles.
"""

from __future__ import annotations

from runtime_contracts.options import UnknownNameError
from runtime_contracts.profiles.legacy_2021.profile import PROFILE as LEGACY_2021
from runtime_contracts.profiles.platform.profile import PROFILE as PLATFORM
from runtime_contracts.profiles.profile import Profile

__all__ = ["Profile", "names", "of"]

_PROFILES = {profile.edition: profile for profile in (LEGACY_2021, PLATFORM)}


def names() -> tuple[str, ...]:
    """List the editions that have a profile."""
    return tuple(_PROFILES)


def of(edition: str) -> Profile:
    """Return the profile of an edition, such as "platform".

    Raises:
        UnknownNameError: there is a document of that name perhaps, but no profile.
    """
    try:
        return _PROFILES[edition]
    except KeyError:
        raise UnknownNameError(f"there is no profile {edition!r}; known: {', '.join(_PROFILES)}") from None
