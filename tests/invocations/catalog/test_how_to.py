"""The examples of the how-to pages work unchanged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from invocations.catalog.registry import Registry, open_registry

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"


def registry_of(page: str, file: str, tmp_path: Path) -> Registry:
    """Open a registry whose nodes folder contains one file, copied from a how-to page."""
    text = (HOW_TO / page).read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```\w+\n# {file}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (tmp_path / file).write_text(block, encoding="utf-8")
    registry = open_registry([tmp_path], tmp_path / "cache")
    assert registry.problems() == ()
    return registry


def test_the_node_in_the_how_to_page_works(tmp_path: Path) -> None:
    from PIL import Image

    from invocations.services.images.local import LocalImages

    images = LocalImages(tmp_path / "images", tmp_path)

    class Window:
        """A context with an image service."""

        def __init__(self) -> None:
            self.images = images

    spec = registry_of("node.md", "posterize.py", tmp_path).spec("posterize")
    assert spec is not None
    assert spec.description == "The paragraphs after the first sentence are shown only in the long help."
    before = images.put(Image.new("RGB", (4, 4), (200, 100, 50)))
    context: Any = Window()
    node: Any = registry_of("node.md", "posterize.py", tmp_path).load("posterize")(image=before, bits=1)  # type: ignore[call-arg]
    assert images.get(node.invoke(context).image).getpixel((0, 0)) == (128, 0, 0)


def test_the_recipe_in_the_how_to_page_works(tmp_path: Path) -> None:
    spec = registry_of("recipe.md", "sketch.toml", tmp_path)["sketch"]
    assert [field.name for field in spec.inputs] == ["prompt", "steps", "seed", "softness"]
    assert spec.inputs[1].default == 12
