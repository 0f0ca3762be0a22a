"""The nouns of the control plane, each with what can be done to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from mock_runtime.remote.wire import JSON, Wire, asserted, given, id_of, part


class Noun:
    """Something of one scope of one server."""

    def __init__(self, wire: Wire) -> None:
        self._wire: Final = wire

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._wire!r}>"


class RemoteClock(Noun):
    """The server's time."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return float(self.read()["now"])

    def read(self) -> JSON:
        """How time stands: `now`, `time`, `speed`, `manual`."""
        return self._wire.read("GET", "/clock")

    def set_speed(self, speed: str | float) -> JSON:
        """Go on at another speed: `100x`, `real`, `manual`."""
        return self._wire.read("PATCH", "/clock", {"speed": speed})

    def advance(self, length: str | float) -> JSON:
        """Move forward by a length of time such as `46s`."""
        return self._wire.read("POST", "/clock", {"advance": length})

    def advance_until(self, job: object, status: str, *, at_most: str | float | None = None) -> JSON:
        """Move to where a job is in a status, `final` for whichever end; the job. ControlError if that never is."""
        body: dict[str, Any] = {"until": {"job": id_of(job), "status": status}}
        if at_most is not None:
            body["at_most"] = at_most
        return self._wire.read("POST", "/clock", body)["job"]


class RemoteScript(Noun):
    """The scenario in force."""

    def read(self) -> JSON:
        """All of it."""
        return self._wire.read("GET", "/scenario")

    def replace(self, scenario: Mapping[str, Any]) -> JSON:
        """Put another one in force."""
        return self._wire.read("PUT", "/scenario", dict(scenario))

    def set(self, /, **settings: Any) -> JSON:
        """Change the plan of every job."""
        return self._wire.read("PATCH", "/scenario", settings)

    def program(self, program_id: str, /, **settings: Any) -> JSON:
        """Change the plan of the jobs of one program."""
        return self._wire.read("PATCH", f"/scenario/programs/{part(program_id)}", settings)

    def next_job(self, /, **settings: Any) -> JSON:
        """Add a plan for one job: the next submission that has none yet."""
        return self._wire.read("POST", "/scenario/jobs", settings)


class RemoteJobs(Noun):
    """All jobs, whoever owns them. Looking at one here is no poll."""

    def all(self, *, status: str | None = None, limit: int | None = None, offset: int | None = None) -> list[JSON]:
        """Jobs, the newest first."""
        query = {"status": status, "limit": limit, "offset": offset}
        return list(self._wire.read("GET", "/jobs", query=query)["jobs"])

    def get(self, job: object) -> JSON:
        """One job."""
        return self._wire.read("GET", f"/jobs/{part(id_of(job))}")

    def replan(self, job: object, /, **settings: Any) -> JSON:
        """Give a job another future, counted from now."""
        return self._wire.read("PATCH", f"/jobs/{part(id_of(job))}", settings)

    def happen(self, job: object, event: str, /, **details: Any) -> JSON:
        """Let something happen to a job, by the name of the event."""
        return self._wire.read("POST", f"/jobs/{part(id_of(job))}/events", {"event": event, **given(details)})

    def finish(self, job: object) -> JSON:
        """Let it end now, as completed."""
        return self.happen(job, "finish")

    def fail(self, job: object, reason: str | None = None) -> JSON:
        """Let it fail now."""
        return self.happen(job, "fail", reason=reason)

    def cancel(self, job: object) -> JSON:
        """Cancel it now."""
        return self.happen(job, "cancel")

    def requeue(self, job: object, queue: str | float | None = None) -> JSON:
        """Put one that runs back into the queue, for that length."""
        return self.happen(job, "requeue", queue=queue)

    def lose_result(self, job: object) -> JSON:
        """Lose the result of one that is completed."""
        return self.happen(job, "lose-result")

    def withhold_result(self, job: object) -> JSON:
        """Let it end without a result."""
        return self.happen(job, "withhold-result")

    def outrun_cancel(self, job: object) -> JSON:
        """Let one that was cancelled have been done by then."""
        return self.happen(job, "outrun-cancel")


class RemoteBackends(Noun):
    """The backends, and whether they are there."""

    def all(self) -> list[JSON]:
        """All of them, as they are now."""
        return list(self._wire.read("GET", "/backends")["backends"])

    def offline(self, name: str, reason: str | None = None, for_: str | float | None = None) -> None:
        """Take one (`*`: all) off line, for a length of time or until told otherwise."""
        self._change(name, "offline", reason, for_)

    def paused(self, name: str, reason: str | None = None, for_: str | float | None = None) -> None:
        """Pause one (`*`: all), for a length of time or until told otherwise."""
        self._change(name, "paused", reason, for_)

    def online(self, name: str) -> None:
        """Bring one (`*`: all) back."""
        self._change(name, "online", None, None)

    def maintenance(
        self, *, in_: str | float | None = None, for_: str | float | None = None, message: str | None = None
    ) -> None:
        """Pause all of them, now or later, for a length of time or until told otherwise."""
        self._wire.read("POST", "/maintenance", given({"in": in_, "for": for_, "message": message}))

    def end_maintenance(self) -> None:
        """Bring all back, and call off what was announced."""
        self._wire.read("DELETE", "/maintenance")

    def _change(self, name: str, availability: str, reason: str | None, for_: str | float | None) -> None:
        body = given({"availability": availability, "reason": reason, "for": for_})
        self._wire.read("PATCH", f"/backends/{part(name)}", body)


class RemoteFaults(Noun):
    """The armed rules."""

    def all(self) -> list[JSON]:
        """The rules with their accounts, in the order in which they were armed."""
        return list(self._wire.read("GET", "/faults")["faults"])

    @property
    def unmet(self) -> list[str]:
        """The ids of the rules that no call met."""
        return list(self._wire.read("GET", "/faults")["unmet"])

    def get(self, id_: str) -> JSON:
        """One rule."""
        return self._wire.read("GET", f"/faults/{part(id_)}")

    def add(self, rule: Mapping[str, Any] | None = None, /, **settings: Any) -> JSON:
        """Arm a rule: `add(match={"operation": "get-results"}, act={"status": 503}, times=3)`."""
        return self.extend([settings if rule is None else rule])[0]

    def extend(self, rules: Iterable[Mapping[str, Any]]) -> list[JSON]:
        """Arm several rules, all or none."""
        return list(self._wire.read("POST", "/faults", list(rules))["faults"])

    def replace(self, rules: Iterable[Mapping[str, Any]]) -> list[JSON]:
        """Arm these rules in place of all that are armed."""
        return list(self._wire.read("PUT", "/faults", list(rules))["faults"])

    def change(self, id_: str, /, **settings: Any) -> JSON:
        """Let a rule say something else."""
        return self._wire.read("PATCH", f"/faults/{part(id_)}", settings)

    def on(self, id_: str) -> JSON:
        """Switch a rule on."""
        return self.change(id_, on=True)

    def off(self, id_: str) -> JSON:
        """Switch a rule off."""
        return self.change(id_, on=False)

    def remove(self, id_: str) -> None:
        """Disarm a rule."""
        self._wire.read("DELETE", f"/faults/{part(id_)}")

    def clear(self) -> None:
        """Disarm all."""
        self._wire.read("DELETE", "/faults")

    def profiles(self) -> list[JSON]:
        """The named sets of rules that there are."""
        return list(self._wire.read("GET", "/faults/profiles")["profiles"])

    def arm_profile(self, name: str, /, **options: Any) -> list[JSON]:
        """Arm the rules of a profile, with some of its options set."""
        return list(self._wire.read("POST", f"/faults/profiles/{part(name)}", options)["faults"])

    def disarm_profile(self, name: str) -> None:
        """Disarm the rules that a profile brought."""
        self._wire.read("DELETE", f"/faults/profiles/{part(name)}")

    def assert_all_met(self, ids: Iterable[str] | None = None) -> None:
        """AssertionError, which accounts for each rule (of these ids) that no call met."""
        __tracebackhide__ = True
        asserted(self._wire, "/faults/assert", {} if ids is None else {"ids": list(ids)})
