"""Holds every layer against PyTorch: forward, all gradients and 20 steps of descent, in float64, to 1e-9."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.design import NetworkDesign, Wire
from engine.layers import LAYERS, LayerSpec
from engine.layers.activation import Activation, PReLU
from engine.layers.base import Shape, size_of
from engine.layers.conv import Conv2D
from engine.layers.dense import Dense, Input
from engine.layers.dropout import Dropout
from engine.layers.merge import Add, Concatenate, Multiply
from engine.layers.norm import BatchNorm, LayerNorm
from engine.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from engine.layers.reshape import Flatten, Reshape
from engine.losses import LOSSES
from engine.network import Network, compile_network

torch = pytest.importorskip("torch")
F = torch.nn.functional

RATE, STEPS, BATCH = 0.05, 20, 6
Tensor = Any
PICTURE = (2, 7, 6)


def ids(first: int, count: int) -> tuple[int, ...]:
    return tuple(range(first, first + count))


def conv(name: str = "conv", units: int = 3, first: int = 10_000, **fields: Any) -> Conv2D:
    return Conv2D(id=name, unit_ids=ids(first, units), **{"kernel": 3, "activation": "tanh", **fields})


class Twin:
    """The same network in PyTorch: tensors by (layer, name), each layer a function of its sources."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tensors = {
            (place.layer, place.name): torch.tensor(place.of(network.parameters).copy(), requires_grad=True)
            for place in network.places
        }
        self.state = {
            (place.layer, place.name): torch.tensor(place.of(network.state).copy())
            for place in network.state_places
        }

    def __call__(self, x: Tensor, *, training: bool) -> Tensor:
        values: dict[str, Tensor] = {}
        for spec in self.network.order:
            fed = [values[source] for source in self.network.layout.sources[spec.id]]
            if isinstance(spec, Input):
                values[spec.id] = x.reshape(len(x), *spec.shape)
            else:
                values[spec.id] = COMPUTE[type(spec)](self, spec, fed, training)
        return values[self.network.order[-1].id].reshape(len(x), -1)

    def weights(self, spec: Any) -> tuple[Tensor, Tensor | None]:
        matrix = self.tensors[spec.id, "weight"]
        return (matrix[:, 1:], matrix[:, 0]) if spec.bias else (matrix, None)

    def step(self, x: Tensor, y: Tensor) -> float:
        loss = 0.5 * ((self(x, training=True) - y) ** 2).sum() / len(x)
        for tensor in self.tensors.values():
            tensor.grad = None
        loss.backward()
        return float(loss.detach())

    def descend(self) -> None:
        with torch.no_grad():
            for tensor in self.tensors.values():
                tensor -= RATE * tensor.grad


def _activated(z: Tensor, name: str) -> Tensor:
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "identity": lambda z: z,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "relu": torch.relu,
        "softmax": lambda z: torch.softmax(z, 1),
        "gelu": lambda z: F.gelu(z, approximate="tanh"),
    }
    return functions[name](z)


def _dense(twin: Twin, spec: Dense, fed: list[Tensor], training: bool) -> Tensor:
    return _activated(F.linear(fed[0], *twin.weights(spec)), spec.activation)


def _conv(twin: Twin, spec: Conv2D, fed: list[Tensor], training: bool) -> Tensor:
    matrix, bias = twin.weights(spec)
    kernel = matrix.reshape(spec.units, -1, spec.kernel, spec.kernel)
    after = spec.padding_total - spec.padding_before
    x = F.pad(fed[0], (spec.padding_before, after, spec.padding_before, after))
    return _activated(F.conv2d(x, kernel, bias, spec.stride, 0, spec.dilation), spec.activation)


def _batch_norm(twin: Twin, spec: BatchNorm, fed: list[Tensor], training: bool) -> Tensor:
    scale, shift = (twin.tensors[spec.id, name] for name in ("scale", "shift"))
    mean, variance = (twin.state[spec.id, name] for name in ("mean", "variance"))
    return F.batch_norm(fed[0], mean, variance, scale, shift, training, spec.momentum, spec.epsilon)


def _layer_norm(twin: Twin, spec: LayerNorm, fed: list[Tensor], training: bool) -> Tensor:
    shape = fed[0].shape[1:]
    scale, shift = (twin.tensors[spec.id, name].reshape(shape) for name in ("scale", "shift"))
    return F.layer_norm(fed[0], shape, scale, shift, spec.epsilon)


def _dropout(twin: Twin, spec: Dropout, fed: list[Tensor], training: bool) -> Tensor:
    """Theirs draws otherwise: it is given the values that ours has kept, and must scale them alike."""
    if not training:
        return F.dropout(fed[0], spec.rate, training=False)
    ours = twin.network.workspace(BATCH, training=True).signals[spec.id].features.T
    kept = torch.tensor((ours != 0).reshape(fed[0].shape))
    scale = F.dropout(torch.ones(100, dtype=torch.float64), spec.rate, training=True).max()
    return fed[0] * kept * scale


def _reduced(operation: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    def merge(twin: Twin, spec: LayerSpec, fed: list[Tensor], training: bool) -> Tensor:
        total = fed[0]
        for other in fed[1:]:
            total = operation(total, other)
        return total

    return merge


COMPUTE: dict[type[LayerSpec], Callable[..., Tensor]] = {
    Dense: _dense,
    Conv2D: _conv,
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    Activation: lambda twin, spec, fed, training: _activated(fed[0], spec.activation),
    PReLU: lambda twin, spec, fed, training: F.prelu(fed[0], twin.tensors[spec.id, "slope"]),
    MaxPool2D: lambda twin, spec, fed, training: F.max_pool2d(fed[0], spec.kernel, spec.pace),
    AvgPool2D: lambda twin, spec, fed, training: F.avg_pool2d(fed[0], spec.kernel, spec.pace),
    GlobalAvgPool2D: lambda twin, spec, fed, training: fed[0].mean((2, 3)),
    Dropout: _dropout,
    Flatten: lambda twin, spec, fed, training: fed[0].flatten(1),
    Reshape: lambda twin, spec, fed, training: fed[0].reshape(len(fed[0]), *spec.shape),
    Add: _reduced(torch.add),
    Multiply: _reduced(torch.mul),
    Concatenate: lambda twin, spec, fed, training: torch.cat(fed, 1),
}


def chained(shape: Shape, *specs: LayerSpec) -> NetworkDesign:
    """The layers in a row, then a dense layer of two units."""
    start = Input(id="input", shape=shape, unit_ids=ids(0, size_of(shape)))
    end = Dense(id="out", unit_ids=ids(20_000, 2), activation="identity", weight_init="xavier_normal")
    layers = (start, *specs, Flatten(id="flat"), end)
    wires = tuple(Wire(a.id, b.id) for a, b in itertools.pairwise(layers))
    return NetworkDesign(layers=layers, wires=wires)


def merged(kind: type[LayerSpec], shape: Shape = (4,)) -> NetworkDesign:
    """A skip connection: the input, and two layers fed by it, merged; one of them twice."""
    a, b = (
        Dense(id=name, unit_ids=ids(first, 4), activation="tanh", weight_init="xavier_normal")
        for name, first in (("a", 100), ("b", 200))
    )
    base = chained(shape, kind(id="it"))
    wires = [wire for wire in base.wires if wire.target != "it"]
    wires += [Wire("input", "a"), Wire("a", "b")]
    wires += [Wire("input", "it"), Wire("a", "it"), Wire("b", "it"), Wire("a", "it")]
    return NetworkDesign(layers=(*base.layers, a, b), wires=tuple(wires))


DESIGNS: dict[str, NetworkDesign] = {
    **{
        f"dense {name}": chained(
            (5,), Dense(id="it", unit_ids=ids(100, 4), activation=name, bias=name != "tanh")
        )
        for name in ("identity", "tanh", "sigmoid", "relu", "softmax", "gelu")
    },
    "conv2d": chained(PICTURE, conv()),
    "conv2d same": chained(PICTURE, conv(padding="same", kernel=4)),
    "conv2d stride": chained(PICTURE, conv(padding="same", stride=2, bias=False)),
    "conv2d dilation": chained(PICTURE, conv(dilation=2)),
    "conv2d twice": chained(PICTURE, conv(activation="relu"), conv("more", 4, 15_000, padding="same")),
    "conv2d softmax": chained(PICTURE, conv(activation="softmax")),
    "max_pool2d": chained(PICTURE, conv(), MaxPool2D(id="pool")),
    "max_pool2d overlapping": chained(PICTURE, conv(), MaxPool2D(id="pool", kernel=3, stride=1)),
    "max_pool2d first": chained(PICTURE, MaxPool2D(id="pool", kernel=2, stride=3), conv(kernel=1)),
    "avg_pool2d": chained(PICTURE, conv(), AvgPool2D(id="pool")),
    "avg_pool2d overlapping": chained(PICTURE, conv(), AvgPool2D(id="pool", kernel=3, stride=1)),
    "global_avg_pool2d": chained(PICTURE, conv(), GlobalAvgPool2D(id="pool")),
    "batch_norm": chained(
        (5,), Dense(id="a", unit_ids=ids(100, 4), activation="tanh"), BatchNorm(id="it", momentum=0.2)
    ),
    "batch_norm on pictures": chained(PICTURE, BatchNorm(id="it"), conv(), BatchNorm(id="more")),
    "layer_norm": chained(PICTURE, conv(), LayerNorm(id="it")),
    "prelu": chained((5,), Dense(id="a", unit_ids=ids(100, 4), activation="identity"), PReLU(id="it")),
    "prelu on pictures": chained(PICTURE, conv(), PReLU(id="it", slope=0.1)),
    "activation": chained(PICTURE, conv(activation="identity"), Activation(id="it", activation="softmax")),
    "dropout": chained((5,), Dense(id="a", unit_ids=ids(100, 9), activation="tanh"), Dropout(id="it")),
    "dropout on pictures": chained(PICTURE, conv(), Dropout(id="it", rate=0.2)),
    "reshape": chained((84,), Reshape(id="it", shape=(2, 7, -1)), conv()),
    "add": merged(Add),
    "multiply": merged(Multiply),
    "concatenate": merged(Concatenate),
}


def test_every_layer_of_the_registry_is_compared() -> None:
    compared = {spec.kind for design in DESIGNS.values() for spec in design.layers}
    assert compared == set(LAYERS)


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_the_same_numbers_as_pytorch(design: NetworkDesign) -> None:
    network = compile_network(design, LOSSES["quadratic"](), dtype="float64", seed=3)
    rng = np.random.default_rng(3)
    for place in network.places:
        if place.name != "weight":  # scales, shifts, slopes: not all the same
            place.of(network.parameters)[...] += 0.1 * rng.normal(size=place.shape)
    twin = Twin(network)
    work = network.workspace(BATCH, training=True)
    for _ in range(STEPS):
        x, y = rng.normal(size=(BATCH, network.features)), rng.normal(size=(BATCH, network.outputs))
        work.load(x, y)
        work.forward()
        loss = work.bound_loss.forward()
        work.backward()
        network.gradients /= BATCH
        assert abs(loss - twin.step(torch.tensor(x), torch.tensor(y))) < 1e-9
        for place in network.places:
            other = twin.tensors[place.layer, place.name].grad.numpy()
            assert np.abs(place.of(network.gradients) - other).max() < 1e-9, place.layer
        network.parameters -= RATE * network.gradients
        twin.descend()
    for place in network.places:
        other = twin.tensors[place.layer, place.name].detach().numpy()
        assert np.abs(place.of(network.parameters) - other).max() < 1e-9
    for place in network.state_places:
        assert np.abs(place.of(network.state) - twin.state[place.layer, place.name].numpy()).max() < 1e-9
    x = rng.normal(size=(4, network.features))
    with torch.no_grad():
        at_rest = twin(torch.tensor(x), training=False).numpy()
    assert np.abs(network.predict(x) - at_rest).max() < 1e-9
