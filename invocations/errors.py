"""What can go wrong below an application: one tree, every error with a code, a message and a hint.

InvocationError
  DeclarationError                      a class or a recipe breaks a rule of declaring
  GuestBroken                           a plug-in can no longer be imported
  BadValue                              a node cannot work with a value it was given
  Cancelled                             the run was cancelled while a node worked
  GraphError                            names a node and a field
    DuplicateNode  KeyMismatch  UnknownType  MissingNode  UnknownField  NotLinkable  InputTaken
    Cycle  TypeMismatch  MissingInput (IterateWithoutInput, CollectWithoutInput)  NodeFixed  MalformedGraph
  SessionError                          names a session
    SessionMissing  SessionExists  SessionDamaged  SessionBusy
  StoreFailed                           the file that keeps the sessions cannot be read or written
  ServiceError                          what a service cannot do; carries what it was asked for
    ImageError   ImageUnreadable  ImageTooLarge  ImageGone  NothingMatches  UrlRefused  SaveFailed  FileExists
      BadFileName  OutputClosed
    TensorsGone
    ModelError   ModelMissing  ModelBroken  PickleRefused  ModelUnsupported
    UnknownScheduler  UnknownUpscaler
    BadSize
    DeviceRefused  OutOfMemory
"""

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


class GuestBroken(InvocationError):
    """A plug-in or a user's file that could be imported before cannot be imported now."""

    code = "guest_broken"


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


class SessionBusy(SessionError):
    """A session is running already."""

    code = "session_busy"


class StoreFailed(InvocationError):
    """The file that keeps the sessions cannot be read or written."""

    code = "store_failed"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the sessions in `{path}` cannot be read or written: {reason}", "is the disk full?")
        self.path = path
        self.reason = reason


class ServiceError(InvocationError):
    """A service cannot do what it is asked."""

    code = "service"


class ImageError(ServiceError):
    """Something is wrong with a picture or its file."""

    code = "image"


class ImageUnreadable(ImageError):
    """A file is no picture that can be read; `reason` says why."""

    code = "image_unreadable"

    def __init__(self, source: str, reason: str, hint: str = "") -> None:
        super().__init__(f"`{source}` cannot be read as a picture: {reason}", hint)
        self.source = source
        self.reason = reason


class ImageTooLarge(ImageError):
    """A picture has more pixels than are allowed."""

    code = "image_too_large"

    def __init__(self, source: str, pixels: int, limit: int, hint: str = "") -> None:
        super().__init__(f"`{source}` has {pixels / 1e6:.1f} megapixels; the limit is {limit / 1e6:.1f}", hint)
        self.source = source
        self.pixels = pixels
        self.limit = limit


class ImageGone(ImageError):
    """A picture that was kept is there no longer."""

    code = "image_gone"

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__(f"the picture {name[:12]} is no longer kept", hint or "run the line that made it again")
        self.name = name


class NothingMatches(ImageError):
    """A path or a pattern matches no file."""

    code = "nothing_matches"

    def __init__(self, source: str, hint: str = "") -> None:
        super().__init__(f"no file matches `{source}`", hint)
        self.source = source


class UrlRefused(ImageError):
    """A picture would have to be fetched, and that was not allowed."""

    code = "url_refused"

    def __init__(self, url: str, hint: str = "") -> None:
        super().__init__(f"`{url}` is an address in the network, and fetching was not allowed", hint)
        self.url = url


class SaveFailed(ImageError):
    """A file could not be written; nothing of it is left."""

    code = "save_failed"

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(f"`{path}` cannot be written: {reason}", hint)
        self.path = path
        self.reason = reason


class FileExists(ImageError):
    """A file is there already and overwriting was not asked for."""

    code = "file_exists"

    def __init__(self, path: str, hint: str = "") -> None:
        super().__init__(f"`{path}` is there already", hint)
        self.path = path


class BadFileName(ImageError):
    """A file-name template names what nobody knows, or leads out of its folder."""

    code = "bad_file_name"

    def __init__(self, template: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.template = template


class OutputClosed(ImageError):
    """Who reads standard output has gone."""

    code = "output_closed"


class TensorsGone(ServiceError):
    """Tensors that were kept are there no longer."""

    code = "tensors_gone"

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__(f"the tensors {name[:12]} are no longer kept", hint or "run the line that made them again")
        self.name = name


class ModelError(ServiceError):
    """Something is wrong with a model; `model` is what it was called."""

    code = "model"

    def __init__(self, model: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.model = model


class ModelMissing(ModelError):
    """There is no model of that name, or nothing at that path."""

    code = "model_missing"


class ModelBroken(ModelError):
    """A model's files are truncated, missing or of another kind."""

    code = "model_broken"


class PickleRefused(ModelError):
    """A model's weights are pickled: reading them could run foreign code."""

    code = "pickle_refused"


class ModelUnsupported(ModelError):
    """A whole model, but of a kind that cannot be run."""

    code = "model_unsupported"


class UnknownScheduler(ServiceError):
    """There is no scheduler of that name."""

    code = "unknown_scheduler"


class UnknownUpscaler(ServiceError):
    """There is no upscaler of that name."""

    code = "unknown_upscaler"


class BadSize(ServiceError):
    """The model cannot make pictures of this size; `suggested` is the nearest that it can (width, height)."""

    code = "bad_size"

    def __init__(self, message: str, suggested: tuple[int, int], hint: str = "") -> None:
        super().__init__(message, hint)
        self.suggested = suggested


class DeviceRefused(ServiceError):
    """The device or the precision is not to be had on this machine."""

    code = "device_refused"


class OutOfMemory(ServiceError):
    """The computation needs more memory than the device has."""

    code = "out_of_memory"
