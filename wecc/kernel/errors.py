"""One error type: a stable code for programs, a sentence for people, data for both.

Codes are API. Faces translate the code; the English sentence here is for integrators and logs.
"""

from __future__ import annotations

from typing import ClassVar


class WeccError(Exception):
    """Something the caller should be told, with what he can do about it.

    Subclasses fix `code` and `status`; `data` never holds secrets or message text.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    sentence: ClassVar[str] = "Something went wrong on our side."

    def __init__(self, sentence: str | None = None, **data: object) -> None:
        self.message = sentence or self.sentence
        self.data = data
        super().__init__(self.message)


class InvalidInput(WeccError):
    """The request does not fit its schema; `data["fields"]` names what to mend."""

    code = "request.invalid"
    status = 422
    sentence = "Some fields are missing or not valid."


class UnknownEvent(WeccError):
    """No such request exists for this audience."""

    code = "request.unknown"
    status = 404
    sentence = "This request does not exist."


class NotFound(WeccError):
    """The thing does not exist for this actor; whether it exists for others is not told."""

    code = "request.not_found"
    status = 404
    sentence = "Not found."


class Forbidden(WeccError):
    """Known actor, insufficient rights."""

    code = "request.forbidden"
    status = 403
    sentence = "You may not do this."


class Unauthenticated(WeccError):
    """No valid session or token."""

    code = "session.required"
    status = 401
    sentence = "Please sign in."


class TooLarge(WeccError):
    """The payload exceeds its bound, given in `data["limit"]`."""

    code = "request.too_large"
    status = 413
    sentence = "This is larger than allowed."


class TooMany(WeccError):
    """A rate limit was reached; `data["retry_after_s"]` says when to come back."""

    code = "request.rate_limited"
    status = 429
    retryable = True
    sentence = "Too many requests. Please wait a moment."


class Unavailable(WeccError):
    """A store or a peer does not answer in time; nothing was acknowledged."""

    code = "service.unavailable"
    status = 503
    retryable = True
    sentence = "The service is briefly unavailable. Nothing was lost; please try again."


class Internal(WeccError):
    """A fault of ours; the reference in `data["reference"]` finds it in the log."""
