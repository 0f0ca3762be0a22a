"""What can go wrong in the domain, as facts. How an edition says it is the edition's business."""

from __future__ import annotations


class DomainError(Exception):
    """Base of all refusals of the domain. `str()` is a sentence for a person."""


class NotAuthenticated(DomainError):
    """Nobody we know: no credentials, or credentials that mean nothing here."""

    def __init__(self, *, presented: bool) -> None:
        self.presented = presented
        super().__init__("the credentials are not valid" if presented else "the request carries no credentials")


class NotFound(DomainError):
    """Something that does not exist, or that this caller may not know of."""

    noun = "thing"

    def __init__(self, id_: str) -> None:
        self.id = id_
        super().__init__(f"no {self.noun} {bounded(id_)}")


class JobNotFound(NotFound):
    """No such job among the caller's."""

    noun = "job"


class ProgramNotFound(NotFound):
    """No such program, public or the caller's own."""

    noun = "program"


class BackendNotFound(NotFound):
    """No such backend."""

    noun = "backend"


class ProjectNotFound(NotFound):
    """No such hub, group and project."""

    noun = "project"


class SessionNotFound(NotFound):
    """No such session among the caller's."""

    noun = "session"


class InstanceNotFound(NotFound):
    """No such instance in this region, or not one of the caller's."""

    noun = "instance"


class AccountNotFound(NotFound):
    """No such account, or not the caller's."""

    noun = "account"


class CalibrationNotFound(NotFound):
    """No such calibration of the backend."""

    noun = "calibration"


class PageNotFound(NotFound):
    """No page begins at that cursor."""

    noun = "page at the cursor"


class ResultsGone(NotFound):
    """Results that were there once: those of a private job, which were read, or what the service has lost."""

    noun = "results of job"


class SessionClosed(DomainError):
    """The session takes no more jobs."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        super().__init__(f"session {bounded(session_id)} does not accept jobs: it is closed, or about to be")


class WrongBackend(DomainError):
    """A job names another backend than its session has."""

    def __init__(self, session_id: str, backend: str) -> None:
        self.session_id = session_id
        self.backend = backend
        super().__init__(f"session {bounded(session_id)} does not run on backend {bounded(backend)}")


class ModeNotAllowed(DomainError):
    """The plan of the instance has no sessions of that mode."""

    def __init__(self, mode: str, plan: str) -> None:
        self.mode = mode
        self.plan = plan
        super().__init__(f"a {mode} session is not possible on the {plan} plan")


class UsageLimitReached(DomainError):
    """The instance has used up what it may use."""

    def __init__(self, instance: str) -> None:
        self.instance = instance
        super().__init__(f"the usage limit of instance {bounded(instance)} is reached")


class RemoteStorageNotAllowed(DomainError):
    """Inputs and results elsewhere are for IBM's channel partners."""

    def __init__(self) -> None:
        super().__init__("remote_storage is for channel partners, which this account is not")


class TooManyRequests(DomainError):
    """More submissions in a period than are allowed; `retry_after_s` says in how many seconds there is room again."""

    def __init__(self, limit: int, period_s: float, retry_after_s: float) -> None:
        self.limit = limit
        self.period_s = period_s
        self.retry_after_s = retry_after_s
        super().__init__(f"more than {limit} jobs in {period_s:g} seconds")


class LimitAboveAllocation(DomainError):
    """A usage limit that the plan does not allow."""

    def __init__(self, limit_s: int, allowed_s: int) -> None:
        self.limit_s = limit_s
        self.allowed_s = allowed_s
        super().__init__(f"a limit of {limit_s} seconds is more than the {allowed_s} that the plan allocates")


class LogsNotReady(DomainError):
    """Logs are there once the job is final."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"no logs yet for job {bounded(job_id)}: it is not final")


class LogsGone(DomainError):
    """Logs were there, and are kept no longer."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        super().__init__(f"the logs of job {bounded(job_id)} are kept no longer")


class JobAlreadyFinal(DomainError):
    """What was asked is possible only while the job is queued or running."""

    def __init__(self, job_id: str, status: str) -> None:
        self.job_id = job_id
        self.status = status
        super().__init__(f"job {bounded(job_id)} is already final: {status}")


class WrongStatus(DomainError):
    """What was asked of a job is possible only where it does not stand."""

    needed = "elsewhere"

    def __init__(self, job_id: str, status: str) -> None:
        self.job_id = job_id
        self.status = status
        super().__init__(f"job {bounded(job_id)} is {status}, and for this it has to be {self.needed}")


class JobNotRunning(WrongStatus):
    """Only a job at work goes back to the queue."""

    needed = "running"


class JobNotCancelled(WrongStatus):
    """Only a job that somebody cancelled outruns its cancellation."""

    needed = "cancelled by request"


class JobNotCompleted(WrongStatus):
    """Only a completed job has a result that can be lost."""

    needed = "completed"


class ProgramNameTaken(DomainError):
    """Program names are unique across all authors."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"a program named {bounded(name)} exists already")


class NotTheAuthor(DomainError):
    """Only the author of a program may change it."""

    def __init__(self, program_id: str) -> None:
        self.program_id = program_id
        super().__init__(f"program {bounded(program_id)} belongs to another author")


class UploadNotAllowed(DomainError):
    """Uploading programs is a right of its own, which this caller does not have."""

    def __init__(self) -> None:
        super().__init__("this account may not upload programs")


def bounded(text: str, limit: int = 80) -> str:
    """A quoted, printable, bounded form of something a stranger sent, for use in a sentence."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return "'" + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown) + "'"
