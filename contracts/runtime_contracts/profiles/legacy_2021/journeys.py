"""The journeys of 2021: the lives of jobs and programs, lists, callers, and what only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from runtime_contracts.exchange import ABSENT_ID, bearer, form_body, json_body
from runtime_contracts.journeys import journey, skip
from runtime_contracts.profiles.legacy_2021.jobs import KNOWN_PROGRAM
from runtime_contracts.profiles.legacy_2021.model import Job
from runtime_contracts.profiles.legacy_2021.scene import entries
from runtime_contracts.violation import shown
from runtime_contracts.walking import FINAL, PENDING, brief, fault

if TYPE_CHECKING:
    from runtime_contracts.profiles.legacy_2021.jobs import JobCalls
    from runtime_contracts.profiles.legacy_2021.scene import LegacyScene

_READ, _RESULT, _LOGS = "get-programs-id-jobs-jid", "get-programs-id-jobs-jid-results", "get-job-logs"
_CANCEL, _DELETE, _LIST, _SUBMIT = "post-job-cancel", "delete-job", "get-jobs", "post-program-id"
_PAGES: Final = 30


def _ids(scene: LegacyScene, **query: Any) -> list[str]:
    return [str(entry.get("id")) for entry in entries(scene.get(_LIST, query=urlencode(query)).get("jobs"))]


@journey()
def a_result_comes_at_the_end_and_stays(scene: LegacyScene) -> None:
    """A result is answered with 204 until the job has ended, and then with 200 and the same bytes for ever."""
    jobs = scene.jobs()
    job = scene.submitted(jobs)
    for _ in range(4):
        jobs.results(job)
        if job.final:
            break
        scene.wait()
    scene.done(jobs, job)
    for _ in range(4):
        jobs.results(job)
        scene.wait()


@journey()
def logs_come_at_the_end_and_stay(scene: LegacyScene) -> None:
    """Logs are answered with 404 until the job has ended, and then with 200 and the same text."""
    waiting = scene.jobs()
    waiting.logs(scene.submitted(waiting))
    jobs, job = scene.ended()
    jobs.logs(job)
    if scene.get(_LOGS, jid=job.id).body != scene.get(_LOGS, jid=job.id).body:
        scene.fault("reads_repeat", _LOGS, "the logs of a job that has ended change")


@journey()
def the_result_of_the_walkthrough_is_known(scene: LegacyScene) -> None:
    """The program of the walkthrough answers with its sentence, and nothing around it."""
    if KNOWN_PROGRAM not in scene.program_ids:
        skip(f"the server has no program {KNOWN_PROGRAM}")
    jobs = scene.jobs()
    job = jobs.submit_known()
    scene.done(jobs, job)
    jobs.known_result(job)


@journey()
def a_queued_job_can_be_cancelled(scene: LegacyScene) -> None:
    """A job that waits can be cancelled, once; it ends as Cancelled, and no result comes."""
    jobs = scene.jobs()
    job = scene.submitted(jobs)
    if job.status != "Queued":
        skip(f"no job was seen waiting: it was {job.status} at once")
    _cancelled(scene, jobs, job)


@journey()
def a_running_job_can_be_cancelled(scene: LegacyScene) -> None:
    """A job that is at work can be cancelled, once; it ends as Cancelled."""
    jobs = scene.jobs()
    job = scene.submitted(jobs)
    jobs.until_started(job, scene.wait)
    if job.status != "Running":
        skip(f"no job was seen at work: it went to {job.status}")
    _cancelled(scene, jobs, job)


def _cancelled(scene: LegacyScene, jobs: JobCalls, job: Job) -> None:
    jobs.cancel(job)
    if not job.cancelled:
        skip("the job had ended before it could be cancelled")
    jobs.cancelled_ends(job, scene.wait)
    jobs.results(job)
    if job.final:
        jobs.cancel(job)


@journey()
def a_done_job_cannot_be_cancelled(scene: LegacyScene) -> None:
    """A job that has completed cannot be cancelled: 409, and it stays what it was, with its result."""
    jobs, job = scene.ended()
    jobs.results(job)
    jobs.cancel(job)
    jobs.results(job)


@journey()
def a_deleted_job_is_gone_everywhere(scene: LegacyScene) -> None:
    """A deleted job is in no list, and every operation on it answers 404, though it had a result and logs."""
    jobs, job = scene.ended()
    scene.submitted(jobs)
    for look in (jobs.results, jobs.logs):
        look(job)
    jobs.delete(job)
    for query in ({"limit": 200}, {"limit": 200, "pending": "false"}):
        if job.id in _ids(scene, **query):
            steps = [*job.steps, *scene.exchange.steps(1)]
            fault("deleted_is_gone", _LIST, f"a deleted job is listed by {urlencode(query)}", steps)
    jobs.list_page(limit=1, offset=0)


@journey()
def paging_visits_each_job_once_while_new_ones_arrive(scene: LegacyScene) -> None:
    """Pages have every job that was there at first, although jobs are submitted between the pages."""
    jobs = scene.jobs()
    for number in range(5):
        scene.submitted(jobs, number)
    before = [job.id for job in jobs.jobs]
    found: list[str] = []
    for number in range(_PAGES):
        ids = _ids(scene, limit=2, offset=len(found))
        found += ids
        if number == 1:
            scene.submitted(jobs)
        if not ids or set(before) <= set(found):
            break
    missing = set(before) - set(found)
    if missing:
        message = f"not on any page: {shown(sorted(missing))}"
        fault("no_job_missing", _LIST, message, [*(job.steps[0] for job in jobs.jobs), *scene.exchange.steps(6)])
    jobs.list_all(page=3)


@journey()
def pages_are_stretches_of_the_list(scene: LegacyScene) -> None:
    """A page has the length that was asked for, newest first, and says how many jobs there are in all."""
    jobs = scene.jobs()
    for number in range(4):
        scene.submitted(jobs, number)
    for limit, offset in ((1, 0), (2, 1), (0, 0), (3, 0), (4, 2), (200, 0)):
        jobs.list_page(limit=limit, offset=offset)


@journey()
def a_page_of_no_stated_length_has_ten(scene: LegacyScene) -> None:
    """Without limit and offset a list begins with the newest job, and a page has the documented length."""
    jobs = scene.jobs()
    for number in range(12):
        scene.submitted(jobs, number)
    parameters = scene.exchange.contract.operations[_LIST].parameters
    schema = next((one.judge.schema for one in parameters if one.name == "limit"), {})
    length = schema.get("default")
    if not isinstance(length, int):
        skip("the document does not say how long a page is")
    wanted = [job.id for job in reversed(jobs.jobs)][:length]
    found = _ids(scene)
    if found[: len(wanted)] != wanted or len(found) > length:
        steps = [*(job.steps[0] for job in jobs.jobs), *scene.exchange.steps(1)]
        fault("page_has_its_length", _LIST, f"expected {len(wanted)} jobs, newest first, found {len(found)}", steps)


@journey()
def pending_selects(scene: LegacyScene) -> None:
    """pending=true lists the jobs that have not ended, pending=false those that have, and without it all are listed."""
    jobs, done = scene.ended()
    waiting = scene.submitted(jobs)
    found = {name: set(_ids(scene, limit=200, **query)) for name, query in (
        ("pending=true", {"pending": "true"}), ("pending=false", {"pending": "false"}), ("neither", {}))}  # fmt: skip
    jobs.read(waiting)
    if waiting.final:
        skip("the job ended meanwhile")
    both = {waiting.id, done.id}
    for name, wanted in (("pending=true", {waiting.id}), ("pending=false", {done.id}), ("neither", both)):
        if found[name] & both != wanted:
            message = f"{name}: expected {shown(sorted(wanted))} of the two, found {shown(sorted(found[name]))}"
            fault("pending_selects", _LIST, message, [*done.steps, *waiting.steps, *scene.exchange.steps(4)])


@journey()
def all_answers_about_a_job_agree(scene: LegacyScene) -> None:
    """The job by itself and in the list says the same, each time it is asked."""
    _, job = scene.ended()
    alone = scene.get(_READ, jid=job.id).json()
    scene.wait()
    again = scene.get(_READ, jid=job.id).json()
    if alone != again:
        scene.fault("reads_repeat", _READ, f"a job that has ended says otherwise: {shown(alone)}, then {shown(again)}")
    listed = entries(scene.get(_LIST, query="limit=50").get("jobs"))
    entry = next((one for one in listed if one.get("id") == job.id), {})
    for key in alone if isinstance(alone, dict) else ():
        if entry.get(key) != alone[key]:
            message = f"{key}: {shown(alone[key])} by itself, {shown(entry.get(key))} in the list"
            scene.fault("answers_agree", _LIST, message)


@journey()
def a_job_is_read_as_it_was_sent(scene: LegacyScene) -> None:
    """A job shows its inputs, device, hub, group and project as they were sent."""
    jobs = scene.jobs()
    texts = ['{"number": 9007199254740993, "deep": [[{}]]}', "\u00e4 \u6f22 \U0001f300", ""]
    for params in (texts, [], ["{}"]):
        jobs.submit({"programId": scene.program_ids[0], "params": params})
    plain = jobs.submit({"programId": scene.program_ids[0]})
    value = scene.get(_READ, jid=plain.id)
    named = {key: value.get(key) for key in ("hub", "group", "project", "backend") if isinstance(value.get(key), str)}
    if named:
        jobs.submit({"programId": scene.program_ids[0], "params": ["{}"], **named})


@journey()
def every_job_has_an_id_of_its_own(scene: LegacyScene) -> None:
    """Six jobs that are submitted one after the other have six ids, and each is listed once."""
    jobs = scene.jobs()
    for number in range(6):
        scene.submitted(jobs, number)
    jobs.list_all(page=50)


@journey()
def another_caller_finds_no_job(scene: LegacyScene) -> None:
    """To another caller a job does not exist, whatever is asked of it, and nothing that it asks changes the job."""
    scene.others()
    jobs = scene.jobs()
    job = scene.submitted(jobs)
    jobs.strangers(job)
    jobs.read(job)


def _refused_alone(scene: LegacyScene, operation: str) -> None:
    others, (jobs, job) = scene.others(), scene.ended()
    answer = scene.exchange.call(operation, headers=others, values={"jid": job.id})
    if answer.status != 404:
        message = f"somebody else's: expected 404, found {brief(answer)}"
        fault("private_to_its_owner", operation, message, [*job.steps[:1], scene.exchange.step])
    jobs.read(job)


@journey()
def another_caller_reads_no_result(scene: LegacyScene) -> None:
    """A result that is there, and its logs, are not there for another caller."""
    _refused_alone(scene, _RESULT)
    _refused_alone(scene, _LOGS)


@journey()
def another_caller_changes_no_job(scene: LegacyScene) -> None:
    """Another caller can neither cancel nor delete a job."""
    _refused_alone(scene, _CANCEL)
    _refused_alone(scene, _DELETE)


@journey()
def a_program_lives_as_its_author_says(scene: LegacyScene) -> None:
    """A program is private until it is published, has the source it got last, and is gone when it is deleted."""
    _, programs, _ = scene.calls()
    program = programs.create(cost=300, description="A program of a journey: \u00e4 \u6f22.")
    if program is None:
        skip("the account may not upload programs")
    programs.listed()
    programs.replace(program, source=b"# another source\n")
    for public in (True, False, True):
        programs.publish(program, public=public)
    programs.run(program)
    programs.delete(program)
    programs.listed()
    programs.run(program)


@journey()
def a_program_is_its_authors(scene: LegacyScene) -> None:
    """Another caller cannot replace the source of a program, publish it, or delete it."""
    others, (_, programs, _) = scene.others(), scene.calls()
    program = programs.create(cost=300, description="mine")
    if program is None:
        skip("the account may not upload programs")
    for public in (False, True):
        if public:
            programs.publish(program, public=True)
        headers = {**others, "Content-Type": "text/plain"}
        values = {"id": program.id}
        answer = scene.exchange.call("put-program-data", headers=headers, values=values, body=b"# theirs\n")
        program.steps.append(scene.exchange.step)
        if answer.status not in {403, 404}:
            message = f"somebody else's source: expected a refusal, found {brief(answer)}"
            fault("only_its_author_changes_it", "put-program-data", message, program.steps)
        programs.read(program)


@journey()
def an_upload_is_read_as_it_was_sent(scene: LegacyScene) -> None:
    """A program of which only the name is given is taken, and so is one with a long description."""
    _, programs, _ = scene.calls()
    first = programs.create(cost=1, description="x" * 2000)
    if first is None:
        skip("the account may not upload programs")
    body, content_type = form_body({"name": f"{programs.prefix}-bare"}, source=b"pass\n")
    headers = {**scene.access.headers, "Content-Type": content_type}
    answer = scene.exchange.call("post-program", headers=headers, body=body)
    if answer.status != 201:
        scene.fault("upload_accepted", "post-program", f"a name and a source: expected 201, found {brief(answer)}")
    scene.get("get-program", id=str(answer.get("id")))
    gone = scene.exchange.call("delete-program", headers=scene.access.headers, values={"id": str(answer.get("id"))})
    if gone.status != 204:
        scene.fault("delete_accepted", "delete-program", f"expected 204, found {brief(gone)}")


@journey()
def a_session_token_expires_when_it_is_ended(scene: LegacyScene) -> None:
    """A session token works until its session is ended, the API token after it as before, and a new login goes on."""
    _, _, sessions = scene.calls()
    sessions.forget_rights()
    sessions.end_session()
    jobs = scene.jobs()
    job = scene.submitted(jobs)
    token = scene.access.login()
    header = {"X-Access-Token": token}
    scene.get(_READ, headers=header, jid=job.id)
    scene.exchange.call("logout-user", headers=header)
    answer = scene.exchange.call(_READ, headers=header, values={"jid": job.id})
    if answer.status != 401:
        scene.fault("session_ends_at_logout", _READ, f"ended: expected 401, found {brief(answer)}")
    scene.get(_READ, headers={"X-Access-Token": scene.access.login()}, jid=job.id)


@journey()
def nothing_runs_where_nothing_is(scene: LegacyScene) -> None:
    """A job for a program or a device that does not exist is refused with 404."""
    _, _, sessions = scene.calls()
    for unknown in ("programId", "backend"):
        sessions.submit_nonsense(unknown)
    body = json_body({"programId": scene.program_ids[0], "params": ["{}"], "backend": "no-such-device"})
    headers = {**scene.access.headers, "Content-Type": "application/json"}
    answer = scene.exchange.call(_SUBMIT, headers=headers, body=body)
    if answer.status != 404:
        scene.fault("unknown_is_refused", _SUBMIT, f"an unknown device: expected 404, found {brief(answer)}")


@journey(reads_only=True)
def a_changed_token_lets_nobody_in(scene: LegacyScene) -> None:
    """A token that was cut, or has something behind it, is refused with 401."""
    token = scene.access.keys.token
    changes = (("cut", token[:-1]), ("with something behind it", f"{token}x"), ("in capitals", token.upper()))
    for what, changed in changes:
        if changed == token or not changed:
            continue
        scene.exchange.collector.secrets.add(changed)
        answer = scene.exchange.call(_LIST, headers=bearer(changed))
        if answer.status != 401:
            scene.fault("credentials_refused", _LIST, f"a token {what}: expected 401, found {answer.status}", steps=1)


@journey(reads_only=True)
def the_scheme_may_be_written_in_any_case(scene: LegacyScene) -> None:
    """The scheme of a token may be written in small letters, as HTTP has it."""
    headers = {"Authorization": f"bearer {scene.access.keys.token}"}
    answer = scene.exchange.call(_LIST, headers=headers)
    if answer.status != 200:
        message = f"bearer in small letters: expected 200, found {answer.status}"
        scene.fault("credentials_accepted", _LIST, message, steps=1)


@journey(reads_only=True)
def a_finished_job_is_the_same_twice(scene: LegacyScene) -> None:
    """A job that has ended, its result and its logs are the same each time that they are read."""
    listed = entries(scene.get(_LIST, query="limit=20&pending=false").get("jobs"))
    ended = [entry for entry in listed if entry.get("status") == "Completed"]
    if not ended:
        skip("no job on the server has completed")
    for entry in ended[:3]:
        for operation in (_READ, _RESULT):
            first, second = (scene.get(operation, jid=str(entry["id"])) for _ in range(2))
            if first.body != second.body:
                scene.fault("reads_repeat", operation, "two reads of a job that has ended differ", steps=2)


@journey(reads_only=True)
def what_does_not_exist_is_not_found(scene: LegacyScene) -> None:
    """A job and a program that do not exist are answered with 404 and the envelope of errors."""
    for operation, name in ((_READ, "jid"), (_RESULT, "jid"), (_LOGS, "jid"), ("get-program", "id")):
        answer = scene.exchange.call(operation, headers=scene.access.headers, values={name: ABSENT_ID})
        if answer.status != 404:
            message = f"nothing has this id: expected 404, found {brief(answer)}"
            scene.fault("unknown_is_refused", operation, message, steps=1)


@journey(reads_only=True)
def paging_visits_each_job_once(scene: LegacyScene) -> None:
    """Page after page, the jobs that are there come each once, and no page is longer than was asked for."""
    found: list[str] = []
    for _ in range(4):
        ids = _ids(scene, limit=2, offset=len(found))
        if len(ids) > 2:
            scene.fault("page_has_its_length", _LIST, f"limit=2: found {len(ids)}", steps=1)
        found += ids
    if len(set(found)) != len(found):
        scene.fault("no_job_twice", _LIST, "a job came on two pages", steps=4)


@journey(reads_only=True)
def a_list_has_what_it_was_asked_for(scene: LegacyScene) -> None:
    """A list by pending has jobs of the states that it names, and the count is at least the length of the page."""
    for value, states in (("true", PENDING), ("false", FINAL)):
        answer = scene.get(_LIST, query=f"limit=20&pending={value}")
        listed = entries(answer.get("jobs"))
        wrong = [entry.get("status") for entry in listed if entry.get("status") not in states]
        if wrong:
            scene.fault("pending_selects", _LIST, f"pending={value} lists a job that is {shown(wrong[0])}", steps=1)
        count = answer.get("count")
        if isinstance(count, int) and count < len(listed):
            scene.fault("list_counts_all", _LIST, f"count is {count}, and {len(listed)} are listed", steps=1)


@journey(reads_only=True)
def programs_are_what_the_list_says(scene: LegacyScene) -> None:
    """Each listed program says the same of itself, each time."""
    listed = entries(scene.get("get-programs").json())
    if not listed:
        skip("the server lists no program")
    for entry in listed[:3]:
        first, second = (scene.get("get-program", id=str(entry.get("id"))).json() for _ in range(2))
        if first != second:
            scene.fault("reads_repeat", "get-program", "two reads, one after the other, differ", steps=2)
        for key, value in entry.items():
            if isinstance(first, dict) and first.get(key) != value:
                message = f"{key}: {shown(first.get(key))} by itself, {shown(value)} in the list"
                scene.fault("answers_agree", "get-programs", message, steps=2)


JOURNEYS: Final[tuple[Any, ...]] = (
    a_result_comes_at_the_end_and_stays, logs_come_at_the_end_and_stay, the_result_of_the_walkthrough_is_known,
    a_queued_job_can_be_cancelled, a_running_job_can_be_cancelled, a_done_job_cannot_be_cancelled,
    a_deleted_job_is_gone_everywhere, paging_visits_each_job_once_while_new_ones_arrive,
    pages_are_stretches_of_the_list, a_page_of_no_stated_length_has_ten, pending_selects,
    all_answers_about_a_job_agree, a_job_is_read_as_it_was_sent, every_job_has_an_id_of_its_own,
    another_caller_finds_no_job, another_caller_reads_no_result, another_caller_changes_no_job,
    a_program_lives_as_its_author_says, a_program_is_its_authors, an_upload_is_read_as_it_was_sent,
    a_session_token_expires_when_it_is_ended, nothing_runs_where_nothing_is, a_changed_token_lets_nobody_in,
    the_scheme_may_be_written_in_any_case, a_finished_job_is_the_same_twice, what_does_not_exist_is_not_found,
    paging_visits_each_job_once, a_list_has_what_it_was_asked_for, programs_are_what_the_list_says,
)  # fmt: skip
