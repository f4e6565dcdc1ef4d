"""Random projects for property tests, built from the registries, so that new entries take part."""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from engine.datasets.base import Data, Split
from engine.design import DataConfig, NetworkDesign, Project, StopRules, TrainingConfig, Wire, chain
from engine.fields import Setting, settings_of
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.regularizers import EarlyStopping, Regularization
from engine.schedules import SCHEDULES, Plateau
from engine.training.session import Session

finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(codec="utf-8"), max_size=12)
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)


def _number(info: Setting) -> SearchStrategy[Any]:
    if info.kind == "float":
        low = info.minimum if info.above is None else info.above
        high = info.maximum if info.below is None else info.below
        return st.floats(
            low,
            high,
            exclude_min=info.above is not None,
            exclude_max=info.below is not None,
            allow_nan=False,
            allow_infinity=False,
        )
    low = -(2**31) if info.minimum is None else int(info.minimum)
    return st.integers(low, min(low + 9, 2**31) if info.maximum is None else int(info.maximum))


def _of_setting(info: Setting) -> SearchStrategy[Any]:
    plain = {
        "bool": lambda: st.booleans(),
        "choice": lambda: st.sampled_from(info.choices),
        "text": lambda: texts,
        "ints": lambda: st.lists(_number(info), min_size=1, max_size=3).map(tuple),
    }
    value = plain[info.kind]() if info.kind in plain else _number(info)
    return st.none() | value if info.optional else value


PLAIN: dict[Any, SearchStrategy[Any]] = {
    str: texts,
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float: finite,
    bytes: st.binary(max_size=20),
    tuple[float, ...]: st.lists(finite, max_size=4).map(tuple),
    tuple[int, ...]: st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple),
    tuple[float, float] | None: st.none() | st.tuples(finite, finite),
    tuple[tuple[str, float | int | str | bool], ...]: st.lists(
        st.tuples(texts, finite | st.integers(-(2**40), 2**40) | texts | st.booleans()), max_size=3
    ).map(tuple),
    tuple[tuple[str, float, float], ...]: st.lists(st.tuples(ids, finite, finite), max_size=3).map(tuple),
}


def values_of(cls: Any, **known: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Random valid values of a frozen dataclass whose fields are settings or of simple types."""
    settings = {info.name: info for info in settings_of(cls)}
    hints = get_type_hints(cls)
    fields = {}
    for field in dataclasses.fields(cls):
        if field.name in known:
            fields[field.name] = known[field.name]
        elif field.name in settings:
            fields[field.name] = _of_setting(settings[field.name])
        else:
            fields[field.name] = PLAIN[hints[field.name]]
    return st.builds(cls, **fields)


def entries_of(registry: Any) -> SearchStrategy[Any]:
    """A random entry of a registry of dataclasses."""
    return st.sampled_from([cls for _, cls in registry.items()]).flatmap(values_of)


training_configs = values_of(
    TrainingConfig,
    loss=entries_of(LOSSES),
    optimizer=entries_of(OPTIMIZERS),
    schedule=entries_of(SCHEDULES),
    regularization=values_of(Regularization),
    stop=values_of(StopRules),
    early_stopping=st.none() | values_of(EarlyStopping),
)


@st.composite
def free_designs(draw: Any) -> NetworkDesign:
    """Layers of every kind, wired at random: mostly a network that cannot run."""
    names = draw(st.lists(ids, max_size=4, unique=True))
    layers, unit = [], 0
    for name in names:
        count = draw(st.integers(0, 6))
        units = tuple(draw(st.permutations(range(unit, unit + count))))
        unit += count + draw(st.integers(0, 2))
        cls = draw(st.sampled_from([cls for _, cls in LAYERS.items()]))
        known = {"id": st.just(name)}
        if any(field.name == "unit_ids" for field in dataclasses.fields(cls)):
            known["unit_ids"] = st.just(units)
        layers.append(draw(values_of(cls, **known)))
    ends = st.sampled_from(names) if names else st.nothing()
    wires = draw(st.lists(st.builds(Wire, source=ends, target=ends), max_size=5)) if names else []
    return NetworkDesign(layers=tuple(layers), wires=tuple(wires))


free_projects = values_of(
    Project, design=free_designs(), training=training_configs, data=values_of(DataConfig)
)


@st.composite
def trained_sessions(draw: Any) -> Session:
    """A session of a small random network after some steps."""
    features, outputs = draw(st.integers(1, 4)), draw(st.integers(2, 3))
    hidden = draw(st.lists(st.integers(1, 5), max_size=2))
    bias = draw(st.booleans())
    layers = [(units, {"activation": "tanh", "bias": bias}) for units in hidden]
    design = chain((features,), *layers, (outputs, {"activation": "identity"}))
    config = TrainingConfig(
        optimizer=draw(st.sampled_from([cls for _, cls in OPTIMIZERS.items()]))(),
        batch_size=draw(st.integers(1, 8)),
        shuffle=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32 - 1)),
        precision=draw(st.sampled_from(["float32", "float64"])),
        early_stopping=draw(st.sampled_from([None, EarlyStopping(patience=50)])),
        schedule=draw(st.sampled_from([Plateau(), *(cls() for _, cls in SCHEDULES.items())])),
    )
    session = Session(Project(design=design, training=config), small_data(features, outputs))
    session.run(draw(st.integers(0, 12)))
    return session


def small_data(features: int, outputs: int, examples: int = 23) -> Data:
    """A few random examples of `outputs` classes."""
    rng = np.random.default_rng(7)
    rows = np.ones((examples, 1 + features), np.float32)
    rows[:, 1:] = rng.standard_normal((examples, features))
    labels = rng.integers(0, outputs, examples)
    split = Split(rows, np.eye(outputs, dtype=np.float32)[labels], labels)
    return Data(
        config=DataConfig(name="random"),
        name="random",
        title="Random",
        task="classes",
        train=split,
        test=split,
        feature_names=tuple(f"x{i}" for i in range(features)),
        target_names=tuple(map(str, range(outputs))),
        class_names=tuple(map(str, range(outputs))),
    )
