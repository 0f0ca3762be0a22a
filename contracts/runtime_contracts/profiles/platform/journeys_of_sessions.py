"""Journeys of today about sessions, limits, and who may come in for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from runtime_contracts.exchange import json_body
from runtime_contracts.journeys import journey, skip
from runtime_contracts.profiles.platform.access import CRN, bearer_for
from runtime_contracts.profiles.platform.known import ON_A_SESSION
from runtime_contracts.profiles.platform.model import Session
from runtime_contracts.profiles.platform.scene import TYPED
from runtime_contracts.violation import shown
from runtime_contracts.walking import brief, fault

if TYPE_CHECKING:
    from runtime_contracts.profiles.platform.scene import PlatformScene
    from runtime_contracts.profiles.platform.sessions import SessionCalls

_MOVES: Final = 9000
_MOVES_AT_ONCE: Final = 450
_TTL_S: Final = 300


@journey()
def a_session_takes_jobs_until_it_is_told_not_to(scene: PlatformScene) -> None:
    """A session takes jobs until accepting_jobs is false, and closes when they have ended."""
    jobs, lists, sessions = scene.calls()
    session = sessions.create(dedicated=False)
    first = sessions.submit(session)
    if first is None:
        skip("the session was closed at once")
    lists.filtered(first)
    sessions.stop(session)
    sessions.submit(session)
    scene.done(jobs, first)
    value = sessions.read(session)
    if value.get("state") != "closed":
        message = f"its last job has ended, and the session is {shown(value.get('state'))}"
        fault("stopped_ends", "get_session", message, [*session.steps, *first.steps])
    sessions.submit(session)


@journey()
def a_closed_session_cancels_its_jobs_and_takes_no_more(scene: PlatformScene) -> None:
    """Closing a session cancels what has not ended in it, and it takes no more jobs and stays closed."""
    jobs, _, sessions = scene.calls()
    session = sessions.create(dedicated=False)
    for _ in range(2):
        sessions.submit(session)
    sessions.close(session)
    sessions.read(session)
    sessions.submit(session)
    scene.wait()
    sessions.read(session)
    for job in session.jobs:
        jobs.read(job)


@journey()
def an_empty_session_that_takes_no_jobs_is_over(scene: PlatformScene) -> None:
    """A session without a job closes at once when it is told to take none."""
    _, _, sessions = scene.calls()
    session = sessions.create(dedicated=True)
    sessions.stop(session)
    sessions.submit(session)


@journey()
def a_session_is_what_was_asked_for(scene: PlatformScene) -> None:
    """A session has the mode, the device and the time that were asked for, and takes jobs."""
    _, _, sessions = scene.calls()
    for dedicated, max_ttl_s in ((False, 600), (True, 1200), (False, 28_800)):
        session = _opened(scene, sessions, dedicated=dedicated, max_ttl_s=max_ttl_s)
        if session is None:
            continue
        value = sessions.read(session)
        if value.get("max_ttl") not in {None, max_ttl_s}:
            message = f"max_ttl: sent {max_ttl_s}, found {shown(value.get('max_ttl'))}"
            fault("read_what_was_sent", "get_session", message, session.steps)
        if value.get("accepting_jobs") is False:
            fault("read_what_was_sent", "get_session", "a new session takes no jobs", session.steps)


def _opened(scene: PlatformScene, sessions: SessionCalls, *, dedicated: bool, max_ttl_s: int) -> Session | None:
    mode = "dedicated" if dedicated else "batch"
    body = json_body({"mode": mode, "backend": scene.backends[0], "max_ttl": max_ttl_s})
    answer = scene.exchange.call("create_session", headers={**scene.access.headers, **TYPED}, body=body)
    if dedicated and answer.status == 400 and not sessions.may_dedicate:
        return None  # the open plan has none
    if answer.status != 200:
        scene.fault("session_accepted", "create_session", f"a valid {mode} got {brief(answer)}", steps=1)
    session = Session(id=str(answer.get("id")), mode=mode, backend=scene.backends[0], steps=[scene.exchange.step])
    sessions.sessions.append(session)
    return session


@journey()
def a_session_ends_when_its_time_is_over(scene: PlatformScene) -> None:
    """A session is closed at the latest when its max_ttl is over."""
    if not scene.wait.by_hand:
        skip("time cannot be moved by hand on this server")
    _, _, sessions = scene.calls()
    session = _opened(scene, sessions, dedicated=False, max_ttl_s=_TTL_S)
    if session is None:
        return
    # The time of a session begins with its first job.
    sessions.submit(session)
    for _ in range(2 * _TTL_S):
        scene.wait()
    sessions.read(session)
    if not session.closed:
        fault("session_ends_in_time", "get_session", f"max_ttl is {_TTL_S} s, and long after it is open", session.steps)
    sessions.submit(session)


@journey()
def another_tenant_finds_no_session(scene: PlatformScene) -> None:
    """To another tenant a session does not exist, it can put no job into it, and nothing that it asks changes it."""
    others = scene.others()
    _, _, sessions = scene.calls()
    session = sessions.create(dedicated=False)
    sessions.strangers(session)
    for operation in ON_A_SESSION:
        body = json_body({"accepting_jobs": False}) if operation == "update_session" else b""
        headers = {**others, **(TYPED if body else {})}
        scene.exchange.call(operation, headers=headers, values={"id": session.id}, body=body)
        session.steps.append(scene.exchange.step)
    value = sessions.read(session)
    if session.closed or value.get("accepting_jobs") is False:
        state = {key: value.get(key) for key in ("state", "accepting_jobs")}
        message = f"somebody else has changed it: {shown(state)}"
        fault("private_to_its_owner", "get_session", message, session.steps)


@journey()
def an_instance_keeps_its_limit(scene: PlatformScene) -> None:
    """The limit of the instance is what it was set to last."""
    operation, headers = "replace_instance_configuration", {**scene.access.headers, **TYPED}
    for limit in (2**31 - 2, 2**31 - 1):
        answer = scene.exchange.call(operation, headers=headers, body=json_body({"instance_limit": limit}))
        if answer.status != 204:
            scene.fault("change_accepted", operation, f"expected 204, found {brief(answer)}", steps=1)
        found = scene.get("get_instance_configuration").get("instance_limit")
        if found != limit:
            message = f"instance_limit: set {limit}, found {shown(found)}"
            scene.fault("read_what_was_sent", "get_instance_configuration", message, steps=2)


@journey()
def nothing_runs_where_nothing_is(scene: PlatformScene) -> None:
    """A job for a session, a device or a program that does not exist is refused with 404, and so is such a session."""
    jobs, _, sessions = scene.calls()
    sessions.nonsense()
    body = json_body({"mode": "batch", "backend": "no-such-thing-anywhere"})
    answer = scene.exchange.call("create_session", headers={**scene.access.headers, **TYPED}, body=body)
    if answer.status != 404:
        message = f"an unknown backend: expected 404, found {brief(answer)}"
        scene.fault("unknown_is_refused", "create_session", message, steps=1)
    del jobs


@journey(reads_only=True)
def a_changed_token_lets_nobody_in(scene: PlatformScene) -> None:
    """A token of IAM that was changed in one place, or cut, is refused with 401."""
    token = scene.access.bearer
    middle, last = len(token) // 2, len(token) - 12
    for what, changed in (
        ("with another letter in its middle", f"{token[:middle]}{_other(token[middle])}{token[middle + 1 :]}"),
        ("with another letter in its signature", f"{token[:last]}{_other(token[last])}{token[last + 1 :]}"),
        ("cut", token[:-8]),
        ("with something behind it", f"{token}x"),
    ):
        scene.exchange.collector.secrets.add(changed)
        answer = _with_bearer(scene, changed)
        if answer.status != 401:
            message = f"a token {what}: expected 401, found {answer.status}"
            scene.fault("credentials_refused", "get_instance_configuration", message, steps=1)


def _other(letter: str) -> str:
    return "A" if letter != "A" else "B"


def _with_bearer(scene: PlatformScene, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", CRN: scene.access.instance}
    return scene.exchange.call("get_instance_configuration", headers=headers)


@journey(reads_only=True)
def the_scheme_may_be_written_in_any_case(scene: PlatformScene) -> None:
    """The scheme of a token may be written in small letters, as HTTP has it."""
    headers = {"Authorization": f"bearer {scene.access.bearer}", CRN: scene.access.instance}
    answer = scene.exchange.call("get_instance_configuration", headers=headers)
    if answer.status != 200:
        message = f"bearer in small letters: expected 200, found {answer.status}"
        scene.fault("credentials_accepted", "get_instance_configuration", message, steps=1)


@journey()
def a_token_expires_between_two_polls(scene: PlatformScene) -> None:
    """A token that has expired is refused with 401, and polling goes on with a new one as if nothing had been."""
    if not scene.wait.by_hand:
        skip("time cannot be moved by hand on this server, and a token lives an hour")
    jobs = scene.jobs()
    job = jobs.submit()
    token = bearer_for(scene.exchange, scene.access.iam, scene.access.keys.token)
    if _polled(scene, job.id, token).status != 200:
        scene.fault("credentials_accepted", "get_job", "a new token of IAM is refused", steps=1)
    for _ in range(_MOVES // _MOVES_AT_ONCE):
        for _ in range(_MOVES_AT_ONCE):
            scene.wait()
        answer = _polled(scene, job.id, token)
        if answer.status != 200:
            break
    else:
        scene.fault("token_expires", "get_job", f"after {_MOVES} moves of the clock the token still opens", steps=1)
    if answer.status != 401:
        scene.fault("token_expires", "get_job", f"expired: expected 401, found {brief(answer)}", steps=1)
    renewed = bearer_for(scene.exchange, scene.access.iam, scene.access.keys.token)
    if _polled(scene, job.id, renewed).status != 200:
        scene.fault("credentials_accepted", "get_job", "a token that was exchanged anew is refused", steps=1)
    scene.access.renew()
    jobs.results(job)


def _polled(scene: PlatformScene, job_id: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", CRN: scene.access.instance}
    return scene.exchange.call("get_job", headers=headers, values={"id": job_id})


JOURNEYS: Final = (
    a_session_takes_jobs_until_it_is_told_not_to, a_closed_session_cancels_its_jobs_and_takes_no_more,
    an_empty_session_that_takes_no_jobs_is_over, a_session_is_what_was_asked_for,
    another_tenant_finds_no_session, an_instance_keeps_its_limit, nothing_runs_where_nothing_is,
    a_changed_token_lets_nobody_in, the_scheme_may_be_written_in_any_case,
    # These move the clock far on.
    a_session_ends_when_its_time_is_over, a_token_expires_between_two_polls,
)  # fmt: skip
