"""Read untrusted data from files: makes `core/foreign.py` available to the floors above `core`."""

from core.foreign import (
    MALFORMED,
    MAX_BYTES,
    MAX_TEXT_BYTES,
    FileState,
    ForeignData,
    file_state,
    json_data,
    number,
    open_file,
    read_bytes,
    read_text,
    stored_json,
    string,
    toml_data,
    too_large,
    whole,
)

__all__ = [
    "MALFORMED",
    "MAX_BYTES",
    "MAX_TEXT_BYTES",
    "FileState",
    "ForeignData",
    "file_state",
    "json_data",
    "number",
    "open_file",
    "read_bytes",
    "read_text",
    "stored_json",
    "string",
    "toml_data",
    "too_large",
    "whole",
]
