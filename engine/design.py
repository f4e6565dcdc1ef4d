"""Designs: what a person decided, as frozen values: a network, its training, its data, and nothing learned.

A network design is a graph: layers with stable ids, joined by wires. Units have ids of their own, unique in
the whole design, so that deleting neuron 3 of 8 keeps the learned weights of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from engine.fields import Kind, setting
from engine.layers.base import LayerSpec, Shape, size_of
from engine.layers.dense import Dense, Input
from engine.losses import Loss, SoftmaxCrossEntropy
from engine.optimizers import Optimizer
from engine.optimizers.descent import SGD
from engine.regularizers import EarlyStopping, Regularization
from engine.schedules import Constant, Schedule


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection: what layer `source` gives is fed to layer `target`."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class NetworkDesign:
    """Layers and wires. A merge layer's inputs come in the order of `wires`."""

    layers: tuple[LayerSpec, ...] = ()
    wires: tuple[Wire, ...] = ()

    def layer(self, layer_id: str) -> LayerSpec:
        """The layer with this id (KeyError)."""
        for spec in self.layers:
            if spec.id == layer_id:
                return spec
        raise KeyError(layer_id)

    def sources(self, layer_id: str) -> tuple[str, ...]:
        """The ids of the layers that feed it, in wire order."""
        return tuple(wire.source for wire in self.wires if wire.target == layer_id)

    def targets(self, layer_id: str) -> tuple[str, ...]:
        """The ids of the layers that it feeds, in wire order."""
        return tuple(wire.target for wire in self.wires if wire.source == layer_id)

    @property
    def input(self) -> Input | None:
        """The input layer, if there is one."""
        return next((spec for spec in self.layers if isinstance(spec, Input)), None)

    def fresh_units(self, count: int) -> tuple[int, ...]:
        """`count` unit ids that no layer of this design uses."""
        first = 1 + max((max(units_of(spec), default=-1) for spec in self.layers), default=-1)
        return tuple(range(first, first + count))

    def fresh_id(self, kind: str) -> str:
        """A layer id that is not in use: kind-1, kind-2, …"""
        taken = {spec.id for spec in self.layers}
        number = 1
        while f"{kind}-{number}" in taken:
            number += 1
        return f"{kind}-{number}"

    def with_layer(self, spec: LayerSpec) -> NetworkDesign:
        """The design with the layer of the same id replaced (KeyError if there is none)."""
        self.layer(spec.id)
        return replace(self, layers=tuple(spec if old.id == spec.id else old for old in self.layers))

    def resized(self, layer_id: str, units: int) -> NetworkDesign:
        """The layer with `units` units: fresh ones are added at its end, or the last ones removed."""
        spec: Any = self.layer(layer_id)
        kept = spec.unit_ids[:units]
        ids = kept + self.fresh_units(units - len(kept))
        return self.with_layer(
            replace(spec, unit_ids=ids, **({"initial": ()} if hasattr(spec, "initial") else {}))
        )


def units_of(spec: LayerSpec) -> tuple[int, ...]:
    """The unit ids of a layer, empty where it has none of its own."""
    ids: tuple[int, ...] = getattr(spec, "unit_ids", ())
    return ids


def chain(shape: Shape, *layers: tuple[int, dict[str, Any]]) -> NetworkDesign:
    """A plain network: an input of `shape`, then dense layers, each given as (units, fields)."""
    count = size_of(shape)
    specs: list[LayerSpec] = [Input(id="input", shape=shape, unit_ids=tuple(range(count)))]
    for number, (units, fields) in enumerate(layers, 1):
        ids = tuple(range(count, count + units))
        specs.append(Dense(id=f"dense-{number}", unit_ids=ids, **fields))
        count += units
    return NetworkDesign(layers=tuple(specs), wires=tuple(_pairs(spec.id for spec in specs)))


def _pairs(ids: Iterable[str]) -> Iterable[Wire]:
    names = list(ids)
    return (Wire(a, b) for a, b in pairwise(names))


def _limit(label: str, kind: Kind, help: str, **limits: Any) -> Any:
    return setting(None, kind=kind, optional=True, label=label, help=help, **limits)


@dataclass(frozen=True, kw_only=True)
class StopRules:
    """When training stops by itself; None means never for that reason. Checked at the end of an epoch, but
    for steps and time.
    """

    max_epochs: int | None = _limit("Most epochs", "int", "Stop after this many epochs.", minimum=1)
    error_threshold: float | None = _limit(
        "Error threshold",
        "float",
        "Stop at the end of an epoch whose loss over the whole training set is below this.",
        above=0.0,
    )
    target_accuracy: float | None = _limit(
        "Target accuracy",
        "float",
        "Stop at the end of an epoch whose test accuracy (or R²) has reached this.",
        above=0.0,
        maximum=1.0,
        basic=False,
    )
    max_steps: int | None = _limit("Most steps", "int", "Stop after this many steps.", minimum=1, basic=False)
    max_seconds: float | None = _limit(
        "Most seconds", "float", "Stop after so much training time.", above=0.0, unit="s", basic=False
    )


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Everything chosen by a person about how the network learns: the hyperparameters."""

    loss: Loss = field(default_factory=SoftmaxCrossEntropy)
    optimizer: Optimizer = field(default_factory=SGD)
    batch_size: int = setting(
        32,
        label="Batch size",
        minimum=1,
        maximum=1_000_000,
        help="How many examples are averaged for one step.",
    )
    shuffle: bool = setting(
        True, label="Shuffle", help="Take the examples in a new order each epoch.", basic=False
    )
    seed: int = setting(
        0, label="Seed", minimum=0, maximum=2**32 - 1, help="The same seed gives the same run.", basic=False
    )
    precision: str = setting(
        "float32", label="Precision", choices=("float32", "float64"), help="Size of the numbers.", basic=False
    )
    schedule: Schedule = field(default_factory=Constant)
    regularization: Regularization = field(default_factory=Regularization)
    stop: StopRules = field(default_factory=StopRules)
    early_stopping: EarlyStopping | None = None


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Which data set, and how it is prepared.

    `options` are the data set's own (name, value) pairs; `path` names a file for sets that come from one.
    Inputs are scaled to `input_range` (from the data set's own range), class targets coded to `target_range`.
    """

    name: str = "mnist"
    options: tuple[tuple[str, float | int | str | bool], ...] = ()
    path: str = ""
    test_fraction: float = setting(
        0.2,
        label="Test share",
        minimum=0.0,
        maximum=0.9,
        step=0.05,
        help="The share of examples kept for testing.",
    )
    train_limit: int | None = setting(
        None,
        kind="int",
        optional=True,
        label="Examples used",
        minimum=1,
        help="Use only the first so many.",
    )
    input_range: tuple[float, float] | None = None
    target_range: tuple[float, float] | None = None
    standardize: bool = setting(False, label="Standardize", help="Give every feature mean 0 and variance 1.")
    seed: int = setting(0, label="Data seed", minimum=0, maximum=2**32 - 1, help="Draws and splits the data.")


@dataclass(frozen=True, kw_only=True)
class Project:
    """A whole project as designed: what the file holds besides the learned weights."""

    name: str = "Untitled"
    title: str = ""
    about: str = ""
    design: NetworkDesign = field(default_factory=NetworkDesign)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    data: DataConfig = field(default_factory=DataConfig)
    positions: tuple[tuple[str, float, float], ...] = ()
    """Where a person has put layers on the canvas: (layer id, x, y); others are laid out by themselves."""
