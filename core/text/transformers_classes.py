"""Import classes from transformers on first use: offline, without notices or progress bars.

This is only needed for models whose text encoder or tokenizer is not our own (`core/text/clip.py`,
`core/text/clip_tokenizer.py`); importing transformers and one of its models takes longer than importing torch.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LOCAL_ONLY = {"local_files_only": True, "trust_remote_code": False}


def text_encoder_class(name: str) -> Any | None:
    """Return the model class with this name, or None if transformers has none."""
    with quiet_transformers():
        import transformers

        try:
            found = getattr(transformers, name, None)
        except (ImportError, RuntimeError):  # raised for a class that needs a missing package
            return None
        is_model = isinstance(found, type) and issubclass(found, transformers.PreTrainedModel)
    return found if is_model else None


def load_auto_tokenizer(folder: Path) -> Any:
    """Return the tokenizer in a folder, an instance of the class that its `tokenizer_config.json` names.

    Raises: ImportError (it needs a package that is not installed), OSError, ValueError, KeyError, TypeError.
    """
    with quiet_transformers():
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(folder, **LOCAL_ONLY)


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence transformers' notices, progress bars and warnings for the block, and restore its settings after it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging

        verbosity, had_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if had_bars:
                logging.enable_progress_bar()
