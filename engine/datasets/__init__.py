"""The data sets; importing this package registers every one of them."""

import sys

from engine.datasets.base import (
    DATASETS,
    Cancelled,
    Data,
    DataError,
    DataSet,
    Progress,
    Raw,
    Split,
    Task,
    load_data,
)
from engine.registry import discover

discover(sys.modules[__name__])

from engine.datasets.files import config_for_file  # noqa: E402  after every data set is registered

__all__ = [
    "DATASETS",
    "Cancelled",
    "Data",
    "DataError",
    "DataSet",
    "Progress",
    "Raw",
    "Split",
    "Task",
    "config_for_file",
    "load_data",
]
