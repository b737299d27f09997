"""The graphs of ComfyUI, in its API form and its workflow form, followed back from the saved image to a line."""

from .reader import TOOL, read, read_data

__all__ = ["TOOL", "read", "read_data"]
