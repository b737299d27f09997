"""What clients send: each message as a class that reads and checks it."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from invokeai_web.problem_details import ApiProblem

MAX_NUMBER: Final = 2**53 - 1
M = TypeVar("M", bound="SocketMessage")


class SocketMessage(BaseModel):
    """A message from a client."""

    model_config = ConfigDict(strict=True, extra="forbid")

    @classmethod
    def read(cls: type[M], data: Any) -> M:
        """Return the message that a client has sent. Raises: ApiProblem, which names the first field that is wrong."""
        names = f"fields: {', '.join(cls.model_fields)}"
        if data is not None and not isinstance(data, dict):
            raise ApiProblem(422, "invalid_request", "the message must be an object", names)
        try:
            return cls.model_validate(data or {})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            message = f"the message: `{field}`: {first['msg']}" if field else f"the message: {first['msg']}"
            raise ApiProblem(422, "invalid_request", message, names, field=field) from None


Id = Field(min_length=1, max_length=64)


class Subscribe(SocketMessage):
    """Receive the events of a session after number `after` of the numbering `epoch`, and new ones as they happen."""

    session: str = Id
    after: int = Field(default=0, ge=0, le=MAX_NUMBER)
    epoch: str = Field(default="", max_length=64)
    previews: bool = False


class Unsubscribe(SocketMessage):
    """Receive no more events of a session."""

    session: str = Id


class Seen(SocketMessage):
    """The client has received the events of a session up to a number."""

    session: str = Id
    number: int = Field(ge=0, le=MAX_NUMBER)


class Cancel(SocketMessage):
    """Cancel an item of the queue."""

    item: str = Id
