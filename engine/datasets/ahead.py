"""Loading data before anybody asks for them: in a thread of its own, while the window is still being made."""

from __future__ import annotations

import threading

from engine.datasets.base import Data, DataError, load_data
from engine.design import DataConfig

_begun: dict[DataConfig, _Loading] = {}


def load_ahead(config: DataConfig) -> None:
    """Begin to load data; the first who takes them has them sooner."""
    if config not in _begun:
        _begun[config] = _Loading(config)
        _begun[config].start()


def take_data(config: DataConfig) -> Data:
    """The data that `config` describes, begun ahead or loaded now, or DataError."""
    loading = _begun.pop(config, None)  # given away once, or they would stay in memory for ever
    if loading is None:
        return load_data(config)
    loading.join()
    return loading.data or load_data(config)


class _Loading(threading.Thread):
    """Loads one data set; what goes wrong is said to whoever takes it, who tries again."""

    def __init__(self, config: DataConfig) -> None:
        super().__init__(name="synapscope-data", daemon=True)
        self.config = config
        self.data: Data | None = None

    def run(self) -> None:
        try:
            self.data = load_data(self.config)
        except DataError:
            self.data = None
