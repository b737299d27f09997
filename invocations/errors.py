"""The errors of `invocations`, in one tree; every error has a code, a message and a hint.

InvocationError
  DeclarationError                      a class or a recipe breaks a rule for declarations
  PluginBroken                          a plug-in can no longer be imported
  BadValue                              a node cannot use the value of an input
  ExpressionError                       an expression that a user wrote is wrong; names the place
  TextFileError                         a text file or a table cannot be read; names the file and the place
  Cancelled                             the run was cancelled while a node was running
  GraphError                            names a node and a field
    DuplicateNode  KeyMismatch  UnknownType  MissingNode  UnknownField  NotLinkable  InputTaken
    Cycle  TypeMismatch  MissingInput (IterateWithoutInput, CollectWithoutInput)  NodeFixed  MalformedGraph
    UnknownAxis  AxisInUse
  SessionError                          names a session
    SessionMissing  SessionExists  SessionDamaged  SessionChanged  SessionBusy  SessionNotTrusted
  GalleryError                          names an image of the gallery; see storing/gallery/base.py
  RequestError                          names the key of a request; see storing/idempotency.py
  QueueError
    ItemMissing  ItemNotWaiting         name an item of the queue
    QueueFull                           too much is waiting already
  NotImportable                         a document cannot be imported as a session
  StoreFailed                           the session store cannot be read or written
  ServiceError                          a service failed; see services/errors.py
"""

from __future__ import annotations

from invocations.language.source import Span


class InvocationError(Exception):
    """Base class of all errors of `invocations`; `code` identifies the kind of error in JSON output."""

    code: str = "invocation"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DeclarationError(InvocationError):
    """An invocation or a recipe (`subject`) breaks a rule for declarations (`rule`)."""

    code = "bad_declaration"

    def __init__(self, subject: str, rule: str) -> None:
        super().__init__(f"{subject}: {rule}")
        self.subject = subject
        self.rule = rule


class PluginBroken(InvocationError):
    """A plug-in or a user's file can no longer be imported."""

    code = "guest_broken"  # the name that JSON output has used since 0.1.0


class BadValue(InvocationError):
    """A node cannot use the value of an input."""

    code = "bad_value"

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class ExpressionError(InvocationError):
    """An expression such as `steps > 20` cannot be read or evaluated; `span` is the place in its text."""

    code = "bad_expression"

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message, hint)
        self.span = span


class TextFileError(InvocationError):
    """A text file or a table cannot be read; the message begins with the file's name and, if known, the line."""

    code = "bad_text_file"

    def __init__(self, name: str, reason: str, hint: str = "", *, place: str = "") -> None:
        super().__init__(f"`{name}`, {place}: {reason}" if place else f"`{name}` {reason}", hint)
        self.name = name


class Cancelled(InvocationError):
    """The run was cancelled while a node was running."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("cancelled")


class GraphError(InvocationError):
    """A graph breaks a rule at `node` and `field`; both are "" if the error is about the graph as a whole."""

    code = "graph"

    def __init__(self, message: str, *, node: str = "", field: str = "", hint: str = "") -> None:
        super().__init__(message, hint)
        self.node = node
        self.field = field


class DuplicateNode(GraphError):
    """Two nodes have the same id."""

    code = "duplicate_node"


class KeyMismatch(GraphError):
    """The key of a node differs from its id."""

    code = "key_mismatch"


class UnknownType(GraphError):
    """The type of a node is unknown."""

    code = "unknown_type"


class MissingNode(GraphError):
    """An edge starts or ends at a node that does not exist."""

    code = "missing_node"


class UnknownField(GraphError):
    """A node has no input or output with this name."""

    code = "unknown_field"


class NotLinkable(GraphError):
    """An input that only takes a written value is linked, or an input that must be linked has a written value."""

    code = "not_linkable"


class InputTaken(GraphError):
    """An input that takes a single value has more than one value or link."""

    code = "input_taken"


class Cycle(GraphError):
    """The edges form a cycle."""

    code = "cycle"


class TypeMismatch(GraphError):
    """An output is linked to an input of an incompatible type."""

    code = "type_mismatch"


class MissingInput(GraphError):
    """A required input has neither a value nor a link."""

    code = "missing_input"


class IterateWithoutInput(MissingInput):
    """An `iterate` node has no list."""

    code = "iterate_without_input"


class CollectWithoutInput(MissingInput):
    """A `collect` node has no items."""

    code = "collect_without_input"


class UnknownAxis(GraphError):
    """A `collect` node names an axis that its items do not have."""

    code = "unknown_axis"


class AxisInUse(GraphError):
    """A `collect` node closes an axis, but not another one whose items depend on it."""

    code = "axis_in_use"


class NodeFixed(GraphError):
    """A node that is already part of a session cannot be changed."""

    code = "node_fixed"


class MalformedGraph(GraphError):
    """The data is not a graph."""

    code = "malformed_graph"


class SessionError(InvocationError):
    """Base class of errors about one session; `session` is its id."""

    code = "session"

    def __init__(self, session: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.session = session


class SessionMissing(SessionError):
    """There is no session with this id."""

    code = "session_missing"


class SessionExists(SessionError):
    """A session with this id already exists."""

    code = "session_exists"


class SessionDamaged(SessionError):
    """The stored session cannot be read."""

    code = "session_damaged"


class SessionChanged(SessionError):
    """Another process has added lines to the session, and this process has not read them."""

    code = "session_changed"


class SessionBusy(SessionError):
    """A session is already running, here or in another process."""

    code = "session_busy"


class SessionNotTrusted(SessionError):
    """A session was imported and has not been trusted, so it does not run."""

    code = "not_allowed"


class QueueError(InvocationError):
    """Base class of errors about the queue; `item` is the id of the item, or ""."""

    code = "queue"

    def __init__(self, message: str, hint: str = "", *, item: str = "") -> None:
        super().__init__(message, hint)
        self.item = item


class ItemMissing(QueueError):
    """There is no item with this id in the queue."""

    code = "item_missing"


class ItemNotWaiting(QueueError):
    """The item cannot be moved, because it is running or has ended."""

    code = "item_not_waiting"


class QueueFull(QueueError):
    """So much is waiting already that nothing can be added."""

    code = "queue_full"


class NotImportable(InvocationError):
    """A document is not an exported session, is damaged, has a different format version, or contains unknown nodes."""

    code = "not_importable"


MAKE_ROOM = "free some disk space and run the line again; to continue a script, use `--resume`"


class StoreFailed(InvocationError):
    """The session store cannot be read or written."""

    code = "store_failed"

    def __init__(self, path: str, reason: str, hint: str = "is the disk full?") -> None:
        super().__init__(f"the sessions in `{path}` cannot be read or written: {reason}", hint)
        self.path = path
        self.reason = reason
