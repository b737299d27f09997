"""Where an image is saved: an explicit path, or names from a template with a running number."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from itertools import count
from pathlib import Path

from invocations.frozen import frozen, mutable
from invocations.services.addresses import COPY, FILES_ONLY, is_address
from invocations.services.errors import SaveFailed, bad_file_name

from .base import SaveRequest
from .names import Template, check_template, other_fields, parse_template

FORMATS = {"png": ".png", "jpeg": ".jpg", "webp": ".webp", "tiff": ".tiff", "bmp": ".bmp"}
SUFFIXES = {**{suffix: name for name, suffix in FORMATS.items()}, ".jpeg": "jpeg", ".tif": "tiff"}


@frozen
class Target:
    """The candidate paths for an image, best first, and its format; `fixed` means that the user wrote the path."""

    candidates: Iterator[Path]
    format: str
    fixed: bool


@mutable
class Targets:
    """Resolves targets; remembers the last number of each template, so that each folder is listed only once.

    base: the folder that relative targets are resolved against (default: the current folder).
    """

    output_dir: Path
    template: str
    base: Path = Path()
    now: Callable[[], datetime] = datetime.now
    _last: dict[tuple[Path, str], int] = field(default_factory=dict)

    def check(self, written: str, format_name: str, others: Collection[str] = ()) -> None:
        """Refuse a target that can never work. Raises: SaveFailed, ServiceError."""
        _refuse_address(written)
        folder = self.base / os.path.expanduser(written) if written else self.output_dir
        if written == "" or written.endswith(("/", os.sep)) or os.path.isdir(folder):
            check_template(self.template, others)
        elif "{" in written or "}" in written:
            _check_suffix(check_template(written, others), format_name)
        elif written != "-":
            self._as_written(written, format_name)

    def fixed(self, written: str, format_name: str) -> Path | None:
        """Return the path that a target stands for, or None if the target is a template, which stands for many paths.

        Raises: SaveFailed.
        """
        folder = self.base / os.path.expanduser(written)
        if not written or written == "-" or written.endswith(("/", os.sep)) or set("{}") & set(written):
            return None
        return None if os.path.isdir(folder) else next(self._as_written(written, format_name).candidates)

    def pattern(self, written: str, format_name: str) -> str:
        """Return the absolute path that a target stands for; "" for `-`.

        If the name comes from a template, `*` stands for everything from its first field on, because empty fields leave
        no dashes. Raises: SaveFailed, ServiceError.
        """
        path = self.fixed(written, format_name)
        if path is not None or written == "-":
            return os.path.realpath(path) if path is not None else ""
        is_template = bool(set("{}") & set(written))
        folder = self.base if is_template else self.base / os.path.expanduser(written) if written else self.output_dir
        text = os.path.expanduser(written) if is_template else self.template
        template = check_template(text, other_fields(text))
        start = template.parts[0][0].rstrip("-_ ") if template.parts else ""
        suffix = template.suffix or FORMATS[format_name or "png"]
        return os.path.join(os.path.realpath(folder), f"{start}*{suffix}")

    def of(self, request: SaveRequest) -> Target:
        """Return the target of a request. Raises: SaveFailed, ServiceError."""
        written = request.target
        _refuse_address(written)
        moment = self.now()
        facts = {"date": moment.date(), "time": moment.strftime("%H%M%S"), **request.facts}
        facts["stem"] = request.stems[0] if request.stems else None
        folder = self.base / os.path.expanduser(written) if written else self.output_dir
        if written == "" or written.endswith(("/", os.sep)) or os.path.isdir(folder):
            if len(request.stems) > 1:  # a generated name must not suggest that only one file was used
                facts["stem"] = None
            return self._templated(self.template, folder, request, facts, inside=True)
        if "{" in written or "}" in written:
            return self._templated(os.path.expanduser(written), self.base, request, facts, inside=False)
        return self._as_written(written, request.format)

    def expected(self, written: str, format_name: str, facts: Mapping[str, object]) -> Path | None:
        """Return the path of an image that will be saved later, or None if it depends on more than the given facts.

        Raises: SaveFailed, ServiceError.
        """
        folder = self.base / os.path.expanduser(written)
        if written in ("", "-") or written.endswith(("/", os.sep)) or os.path.isdir(folder):
            return None
        if "{" not in written and "}" not in written:
            return next(self._as_written(written, format_name).candidates)
        template = check_template(written, other_fields(written))
        if template.numbered or not all(field in facts for _, field, _ in template.parts if field):
            return None
        request = SaveRequest(written, format_name, quality=90, overwrite=False, metadata={}, facts=facts)
        return next(self._templated(os.path.expanduser(written), self.base, request, facts, inside=False).candidates)

    def _as_written(self, written: str, format_name: str) -> Target:
        if "\0" in written:
            raise SaveFailed(written.replace("\0", "?"), "a file name cannot contain a null byte")
        path = Path(os.path.abspath(self.base / os.path.expanduser(written)))
        if path.name.lower() in SUFFIXES:
            raise SaveFailed(written, "there is no name before the suffix", f"write a name, such as `image{path.name}`")
        own = SUFFIXES.get(path.suffix.lower(), "")
        if not path.suffix:
            path = path.with_name(path.name + FORMATS[format_name or "png"])
        elif not own:
            if not format_name:
                hint = f"use one of {', '.join(SUFFIXES)}, or add `--format png`"
                raise SaveFailed(written, f"`{path.suffix}` is not an image format", hint)
        elif format_name and own != format_name:
            hint = f"leave out the suffix or the format, or write `{path.stem}{FORMATS[format_name]}`"
            raise SaveFailed(written, f"the name ends in `{path.suffix}`, but the format is {format_name}", hint)
        return Target(iter((path,)), format_name or own or "png", fixed=True)

    def _templated(
        self, text: str, folder: Path, request: SaveRequest, facts: Mapping[str, object], *, inside: bool
    ) -> Target:
        template = parse_template(text, facts)
        own = SUFFIXES.get(template.suffix.lower(), "")
        _check_suffix(template, request.format)
        suffix = template.suffix if own and request.format in ("", own) else FORMATS[request.format or "png"]
        if template.numbered:
            names = self._numbered(template, folder, facts, suffix, inside)
        else:
            stem = template.fill(facts)
            first = _placed(folder, stem + suffix, text, inside)
            names = (first if number == 1 else first.with_stem(f"{first.stem}-{number}") for number in count(1))
        return Target(names, request.format or own or "png", fixed=False)

    def _numbered(
        self, template: Template, folder: Path, facts: Mapping[str, object], suffix: str, inside: bool
    ) -> Iterator[Path]:
        key = (folder, template.text)
        if key not in self._last:
            example = _placed(folder, template.fill({**facts, "index": 0}) + suffix, template.text, inside)
            self._last[key] = _highest(example.parent, template)
        while True:
            self._last[key] += 1
            stem = template.fill({**facts, "index": self._last[key]})
            yield _placed(folder, stem + suffix, template.text, inside)


def _refuse_address(written: str) -> None:
    if is_address(written):
        raise SaveFailed(written, FILES_ONLY, COPY)


def _check_suffix(template: Template, format_name: str) -> None:
    if template.suffix and template.suffix.lower() not in SUFFIXES and not format_name:
        hint = f"use one of {', '.join(SUFFIXES)}, or add `--format png`"
        raise SaveFailed(template.text, f"`{template.suffix}` is not an image format", hint)


def _placed(folder: Path, relative: str, template: str, inside: bool) -> Path:
    """Join folder and name; with `inside`, refuse a path that leads outside the folder, even through symbolic links."""
    path = Path(os.path.abspath(folder / relative))
    if inside and not path.resolve().is_relative_to(folder.resolve()):
        message = f"the file-name template `{template}` leads outside its folder"
        raise bad_file_name(template, message, f"files must stay inside {folder}")
    return path


def _highest(folder: Path, template: Template) -> int:
    """Return the highest running number among files in the folder that match the template."""
    last = template.text.rpartition("/")[2]
    if "{index" not in last:
        return 0
    before = last[: last.index("{index")]
    pattern = re.compile(re.sub(r"\\{[^}]*\\}", ".*?", re.escape(before)) + r"(\d+)")
    width = len(format(0, next(form for _, field, form in template.parts if field == "index")))
    numbers: set[str] = set()
    with suppress(OSError), os.scandir(folder) as entries:
        numbers |= {found[1] for entry in entries if (found := pattern.match(entry.name))}
    return _last_of(numbers, width)


def _last_of(numbers: Set[str], width: int) -> int:
    """Return the highest number; numbers of more than `width` digits count only once all shorter ones are used up.

    Otherwise a file that is named after its seed, such as `1461063067.png`, would determine all later numbers.
    """
    if width == 1:
        return max(map(int, numbers), default=0)
    highest = max((int(digits) for digits in numbers if len(digits) == width), default=0)
    while highest + 1 == 10**width:
        width += 1
        highest = max((int(digits) for digits in numbers if len(digits) == width), default=highest)
    return highest
