"""Read YAML that other programs wrote, with a limit on its depth. PyYAML is imported on first use."""

from __future__ import annotations

from typing import Any, Final

from .foreign import ForeignData

MAX_YAML_BYTES: Final = 2 * 2**20  # YAML takes a second per megabyte
MAX_YAML_DEPTH: Final = 32  # how deep lists and mappings may be nested
TOO_DEEP: Final = f"is nested deeper than {MAX_YAML_DEPTH} levels"


def yaml_data(text: str) -> Any:
    """Return the data in a YAML string; all scalars are strings, even `no`. Raises: ForeignData."""
    import yaml  # imported here because most lines read no YAML

    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    try:
        depth = 0
        for event in yaml.parse(text, loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_YAML_DEPTH:
                raise ForeignData(TOO_DEEP)
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f" in line {place.line + 1}" if place else ""
        raise ForeignData(f"is not YAML{where}: {getattr(error, 'problem', None) or error}") from error
    except RecursionError as error:
        raise ForeignData(TOO_DEEP) from error
