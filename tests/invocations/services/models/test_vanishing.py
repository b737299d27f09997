"""A model whose file vanishes while it is looked at is an error with the file's name, not a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models.card import ModelCard
from invocations.services.errors import ServiceError
from invocations.services.models import local as local_module
from invocations.services.models import runs as runs_module
from invocations.services.models.fingerprints import state_of
from invocations.services.models.local import LocalModels
from tests.invocations.refusals import coded


class FitsAll:
    """Compares nothing; a model that reaches it has a state."""

    def of(self, *_: object) -> None: ...

    def keep(self, *_: object) -> None: ...

    def keep_batch(self, *_: object) -> None: ...

    def largest_batch(self, *_: object, **__: object) -> None: ...


@pytest.fixture
def fox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a model whose weights vanish after its card was made."""
    folder = Path(shutil.copytree(DEFAULT_PATH, tmp_path / "fox"))

    def vanish(card: ModelCard) -> str:
        (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink(missing_ok=True)
        return state_of(card)

    for module in (local_module, runs_module):
        monkeypatch.setattr(module, "state_of", vanish)
    return folder


@pytest.mark.parametrize(
    "use",
    [
        lambda models, path: models.fits(path),
        lambda models, path: models.usable_card(models.find(path)),
        lambda models, path: models.runs.keep_peak(models.find(path), (64, 64), "here", "denoise", 1),
        lambda models, path: models.ran_out(models.find(path), (64, 64), "denoise", 4),
        lambda models, path: models.largest_batch(models.find(path), (64, 64), "denoise"),
    ],
    ids=["fits", "usable card", "peak", "failed batch", "largest batch"],
)
def test_a_file_that_vanishes_in_the_meantime_is_named(fox: Path, use: Callable[[LocalModels, str], object]) -> None:
    models = LocalModels([], fits=FitsAll)  # type: ignore[arg-type]
    with pytest.raises(ServiceError, check=coded("file_unusable")) as raised:
        use(models, str(fox))
    assert raised.value.fields["path"] == str(fox / "unet" / "diffusion_pytorch_model.safetensors")


def test_the_page_of_a_model_whose_file_vanishes_says_so(fox: Path) -> None:
    details = LocalModels([], fits=FitsAll).details(str(fox))  # type: ignore[arg-type]
    assert "no such file or directory" in details.info.reason
