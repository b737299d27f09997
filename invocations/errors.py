"""What can go wrong below an application: one tree, every error with a code, a message and a hint.

InvocationError
  DeclarationError                      a class or a recipe breaks a rule of declaring
  PluginBroken                          a plug-in can no longer be imported
  BadValue                              a node cannot work with a value it was given
  Cancelled                             the run was cancelled while a node worked
  GraphError                            names a node and a field
    DuplicateNode  KeyMismatch  UnknownType  MissingNode  UnknownField  NotLinkable  InputTaken
    Cycle  TypeMismatch  MissingInput (IterateWithoutInput, CollectWithoutInput)  NodeFixed  MalformedGraph
  SessionError                          names a session
    SessionMissing  SessionExists  SessionDamaged  SessionChanged  SessionBusy
  NotImportable                         what should be an exported session cannot become one here
  StoreFailed                           the file that keeps the sessions cannot be read or written
  ServiceError                          what a service cannot do; see services/errors.py
"""

from __future__ import annotations


class InvocationError(Exception):
    """Base of everything this floor raises on purpose; `code` is the snake_case word that JSON output carries."""

    code: str = "invocation"

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


class PluginBroken(InvocationError):
    """A plug-in or a user's file that could be imported before cannot be imported now."""

    code = "guest_broken"  # as documents have had it since 0.1


class BadValue(InvocationError):
    """A node cannot work with the value it was given at an input."""

    code = "bad_value"

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class Cancelled(InvocationError):
    """The run was cancelled while a node worked."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("cancelled")


class GraphError(InvocationError):
    """A graph breaks a rule; `node` and `field` say where ("" = the graph as a whole)."""

    code = "graph"

    def __init__(self, message: str, *, node: str = "", field: str = "", hint: str = "") -> None:
        super().__init__(message, hint)
        self.node = node
        self.field = field


class DuplicateNode(GraphError):
    """Two nodes have one id."""

    code = "duplicate_node"


class KeyMismatch(GraphError):
    """A node is filed under another id than its own."""

    code = "key_mismatch"


class UnknownType(GraphError):
    """A node's type is no known invocation."""

    code = "unknown_type"


class MissingNode(GraphError):
    """An edge starts or ends at a node that is not there."""

    code = "missing_node"


class UnknownField(GraphError):
    """A node has no input or output of that name."""

    code = "unknown_field"


class NotLinkable(GraphError):
    """An input that may only be written is linked, or one that may only be linked is written."""

    code = "not_linkable"


class InputTaken(GraphError):
    """An input that takes one edge would have two."""

    code = "input_taken"


class Cycle(GraphError):
    """The edges run in a circle."""

    code = "cycle"


class TypeMismatch(GraphError):
    """An output does not fit the input it is linked to."""

    code = "type_mismatch"


class MissingInput(GraphError):
    """A required input is neither written nor linked."""

    code = "missing_input"


class IterateWithoutInput(MissingInput):
    """An iterate has no list."""

    code = "iterate_without_input"


class CollectWithoutInput(MissingInput):
    """A collect has nothing to gather."""

    code = "collect_without_input"


class NodeFixed(GraphError):
    """A node that is in a session already would be changed."""

    code = "node_fixed"


class MalformedGraph(GraphError):
    """Data that should be a graph has another shape."""

    code = "malformed_graph"


class SessionError(InvocationError):
    """Something is wrong with a session; `session` is its id."""

    code = "session"

    def __init__(self, session: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.session = session


class SessionMissing(SessionError):
    """There is no session of that id."""

    code = "session_missing"


class SessionExists(SessionError):
    """There is a session of that id already."""

    code = "session_exists"


class SessionDamaged(SessionError):
    """What is stored of a session cannot be read."""

    code = "session_damaged"


class SessionChanged(SessionError):
    """Another process has added lines to a session that are not known here."""

    code = "session_changed"


class SessionBusy(SessionError):
    """A session is at work already, here or in another process."""

    code = "session_busy"


class NotImportable(InvocationError):
    """What should be an exported session is damaged, foreign, of another version or of unknown nodes."""

    code = "not_importable"


MAKE_ROOM = "free some space and run it again; a script continues with `--resume`"


class StoreFailed(InvocationError):
    """The file that keeps the sessions cannot be read or written."""

    code = "store_failed"

    def __init__(self, path: str, reason: str, hint: str = "is the disk full?") -> None:
        super().__init__(f"the sessions in `{path}` cannot be read or written: {reason}", hint)
        self.path = path
        self.reason = reason
