"""What can go wrong below an application: one tree, every error with a code, a message and a hint."""

from __future__ import annotations

from typing import ClassVar


class InvocationError(Exception):
    """Base of everything this floor raises on purpose; `code` is the snake_case word that JSON output carries."""

    code: ClassVar[str] = "invocation"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DeclarationError(InvocationError):
    """An invocation or a recipe breaks a rule of declaring; `subject` names it, `rule` says which."""

    code = "bad_declaration"

    def __init__(self, subject: str, rule: str) -> None:
        super().__init__(f"{subject}: {rule}")
        self.subject = subject
        self.rule = rule


class BadValue(InvocationError):
    """A node cannot work with the value it was given at an input."""

    code = "bad_value"

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field
