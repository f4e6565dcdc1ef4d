"""Ready architectures: pure builders from the shape of an example and the number of outputs to a design."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.design import NetworkDesign, Project, Wire
from engine.edits.change import changed
from engine.edits.creation import fresh_layer, new_input
from engine.edits.flow import known_shapes
from engine.edits.layers import end_of
from engine.edits.names import layer_of, title
from engine.edits.outcome import Edit, Refused, edit
from engine.edits.repairs.shapes import picture_of
from engine.layers.base import LayerSpec, Shape, size_of
from engine.layers.weighted import Weighted
from engine.registry import Registry

Build = Callable[[NetworkDesign, int], NetworkDesign]
"""From a design that is an input alone, and the number of outputs."""
B = TypeVar("B", bound=Build)
LINEAR = {"activation": "identity", "weight_init": "xavier_normal"}


@dataclass(frozen=True, slots=True)
class Architecture:
    """A ready architecture: its name, its title and a sentence for the palette."""

    name: str
    title: str
    about: str
    build: Build


ARCHITECTURES: Registry[Architecture] = Registry("architecture")


def architecture(name: str, title: str, about: str) -> Callable[[B], B]:
    """Function decorator: put an architecture into the registry."""

    def register(build: B) -> B:
        ARCHITECTURES.register(name, Architecture(name, title, about, build))
        return build

    return register


def built(name: str, shape: Shape, outputs: int) -> NetworkDesign:
    """The architecture for examples of a shape (UnknownNameError; Refused where it cannot be)."""
    start = new_input(NetworkDesign(), shape)
    return ARCHITECTURES[name].build(NetworkDesign(layers=(start,)), outputs)


def perceptron(shape: Shape, outputs: int) -> NetworkDesign:
    """A single layer of neurons."""
    return built("perceptron", shape, outputs)


def mlp(shape: Shape, outputs: int, units: tuple[int, ...] = (16, 16)) -> NetworkDesign:
    """Dense hidden layers with ReLU, and a linear output."""
    start = new_input(NetworkDesign(), shape)
    return _mlp(NetworkDesign(layers=(start,)), outputs, units)


def autoencoder(shape: Shape, code: int = 2) -> NetworkDesign:
    """As many outputs as inputs, through a narrow code."""
    start = new_input(NetworkDesign(), shape)
    return _autoencoder(NetworkDesign(layers=(start,)), size_of(shape), code)


def lenet(shape: Shape, outputs: int) -> NetworkDesign:
    """Two convolutions with pooling, and two dense layers (Refused for pictures too small)."""
    return built("lenet", shape, outputs)


def residual(shape: Shape, outputs: int) -> NetworkDesign:
    """A residual block between two dense layers."""
    return built("residual", shape, outputs)


@edit
def use_architecture(
    project: Project, name: str, *, shape: Shape | None = None, outputs: int | None = None
) -> Edit:
    """The project with a ready architecture in place of its network.

    Shape and outputs are by default those of the network that was there; its input layer stays.
    """
    if name not in ARCHITECTURES:
        raise Refused(f"There is no architecture named “{name}”; choose one of the palette.")
    old, start = project.design, project.design.input
    if start is None or shape not in (None, start.shape):
        start = new_input(old, shape or (2,))
    design = ARCHITECTURES[name].build(NetworkDesign(layers=(start,)), outputs or _outputs(old))
    design = _strange_to(old, design)
    return changed(project, design, f"build: {ARCHITECTURES[name].title}", positions=())


@edit
def insert_residual_block(project: Project, source: str, target: str) -> Edit:
    """A residual block into a wire that carries a flat list: x + W₂ φ(W₁ x), then φ."""
    design, wire = project.design, Wire(source, target)
    layer_of(design, source), layer_of(design, target)
    shape = known_shapes(design).get(source, ())
    if wire not in design.wires or len(shape) != 1:
        raise Refused("A residual block goes into a wire that carries a flat list; put a Flatten before it.")
    builder = _Builder(design)
    last = builder.residual_block(source, shape[0])
    at = design.wires.index(wire)
    wires = list(builder.design.wires)
    wires[at] = Wire(last, target)
    text = f"add a residual block between {title(design, source)} and {title(design, target)}"
    return changed(project, replace(builder.design, wires=tuple(wires)), text, added=tuple(builder.added))


class _Builder:
    """Adds layers to a design, each wired to the one before unless told otherwise."""

    def __init__(self, design: NetworkDesign) -> None:
        self.design = design
        self.last = end_of(design)
        self.added: list[str] = []

    def add(self, kind: str, *sources: str, **fields: Any) -> str:
        """One more layer; returns its id."""
        spec: LayerSpec = fresh_layer(self.design, kind, **fields)
        wires = [Wire(source, spec.id) for source in sources or (self.last,)]
        self.design = replace(
            self.design, layers=(*self.design.layers, spec), wires=(*self.design.wires, *wires)
        )
        self.last = spec.id
        self.added.append(spec.id)
        return spec.id

    @property
    def shape(self) -> Shape:
        """What the last layer gives."""
        return known_shapes(self.design)[self.last]

    def flat(self) -> None:
        """Make a flat list of what the last layer gives."""
        if len(self.shape) > 1:
            self.add("flatten")

    def residual_block(self, source: str, units: int) -> str:
        """He et al. 2016, "Deep residual learning for image recognition", figure 2."""
        self.add("dense", source, units=units)
        inner = self.add("dense", units=units, **LINEAR)
        self.add("add", source, inner)
        return self.add("activation", activation="relu")


@architecture("perceptron", "Perceptron", "A single layer of neurons: one line through the plane.")
def _perceptron(start: NetworkDesign, outputs: int) -> NetworkDesign:
    return _mlp(start, outputs, ())


@architecture("mlp", "Two hidden layers", "Dense layers with ReLU: the plain network of every course.")
def _mlp(start: NetworkDesign, outputs: int, units: tuple[int, ...] = (16, 16)) -> NetworkDesign:
    builder = _Builder(start)
    builder.flat()
    for count in units:
        builder.add("dense", units=count)
    builder.add("dense", units=outputs, **LINEAR)
    return builder.design


@architecture("autoencoder", "Autoencoder", "Gives back what it is fed, through two numbers in the middle.")
def _autoencoder(start: NetworkDesign, outputs: int, code: int = 2) -> NetworkDesign:
    builder = _Builder(start)
    builder.flat()
    size = size_of(builder.shape)
    wide = max(code, min(128, size // 4))
    builder.add("dense", units=wide)
    builder.add("dense", units=code, **LINEAR)
    builder.add("dense", units=wide)
    builder.add("dense", units=size, **LINEAR)
    return builder.design


@architecture("lenet", "LeNet-like", "Two convolutions with pooling, then dense layers: for pictures.")
def _lenet(start: NetworkDesign, outputs: int) -> NetworkDesign:
    """After LeCun et al. 1998, "Gradient-based learning applied to document recognition", figure 2."""
    builder = _Builder(start)
    if len(builder.shape) != 3:
        builder.add("reshape", shape=picture_of(builder.shape))
    smallest = min(builder.shape[1:])
    if smallest < 4:
        raise Refused("A LeNet-like network needs pictures of at least 4 × 4; choose data with pictures.")
    fields = {"kernel": 5} if smallest >= 16 else {"kernel": 3, "padding": "same"}
    for units in (20, 40):
        builder.add("conv2d", units=units, **fields)
        builder.add("max_pool2d")
    builder.flat()
    builder.add("dense", units=100)
    builder.add("dense", units=outputs, **LINEAR)
    return builder.design


@architecture("residual", "Residual block", "A detour that the gradient can skip: x + f(x).")
def _residual(start: NetworkDesign, outputs: int) -> NetworkDesign:
    builder = _Builder(start)
    builder.flat()
    builder.residual_block(builder.add("dense", units=16), 16)
    builder.add("dense", units=outputs, **LINEAR)
    return builder.design


def _strange_to(old: NetworkDesign, new: NetworkDesign) -> NetworkDesign:
    """The new design with units that the old one does not have, so that no weight is carried by chance."""
    (first,) = old.fresh_units(1)
    layers = tuple(
        replace(spec, unit_ids=tuple(first + unit for unit in spec.unit_ids))
        if isinstance(spec, Weighted)
        else spec
        for spec in new.layers
    )
    return replace(new, layers=layers)


def _outputs(design: NetworkDesign) -> int:
    return size_of(known_shapes(design).get(end_of(design), (1,))) if design.wires else 1
