"""Data files that a person opens: which data set reads which kind of file."""

from __future__ import annotations

import os
from pathlib import Path

from engine.datasets.base import DataError
from engine.design import DataConfig

TABLE_ENDINGS = (".csv", ".tsv", ".txt")
ARRAY_ENDINGS = (".npz",)
PICTURE_ENDINGS = ("-ubyte", ".idx", ".idx1", ".idx3", "ubyte.gz", ".idx.gz")
DATA_ENDINGS = TABLE_ENDINGS + ARRAY_ENDINGS + PICTURE_ENDINGS


def is_data_file(path: str | Path) -> bool:
    """Whether the name is that of a data file that can be opened."""
    return Path(path).name.lower().endswith(DATA_ENDINGS)


def config_for_file(path: str | Path) -> DataConfig:
    """How to load a data file, by its name, or DataError. Tables, of arbitrary units, are standardized."""
    name, place = Path(path).name.lower(), os.path.abspath(path)
    if name.endswith(TABLE_ENDINGS):
        return DataConfig(name="csv", path=place, standardize=True)
    if name.endswith(ARRAY_ENDINGS):
        return DataConfig(name="npz", path=place)
    if name.endswith(PICTURE_ENDINGS):
        return DataConfig(name="idx", path=place)
    raise DataError(
        f"{Path(path).name} is not a data file; choose a table (.csv, .tsv), NumPy arrays (.npz) "
        "or IDX pictures (…-ubyte, .idx)."
    )
