"""Facts about a project that are said on screen: how many parameters, the number of a layer, its faults."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from engine.activations import ACTIVATIONS
from engine.address import layer_numbers, with_titles
from engine.datasets.base import Data
from engine.design import NetworkDesign, Project
from engine.edits.synapses import pruned
from engine.layers.base import LayerSpec, size_of
from engine.layers.weighted import Weighted
from engine.memory import demand
from engine.validation import Asked, Fault, Inference, infer
from engine.validation.loose import output_of


@dataclass(frozen=True, slots=True)
class Count:
    """How many parameters: weights and biases; pruned synapses, which are absent, are counted apart."""

    weights: int = 0
    biases: int = 0
    pruned: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.weights + self.biases

    def __add__(self, other: Count) -> Count:
        return Count(self.weights + other.weights, self.biases + other.biases, self.pruned + other.pruned)


def count_of(count: int, one: str, many: str) -> str:
    """A count with its noun: 1 bias, 42 biases, 12,960 weights."""
    return f"{count:,} {one if count == 1 else many}"


def said_of_pruned(count: Count) -> str:
    """What is said of parameters that are absent, "" where none is."""
    if not count.pruned:
        return ""
    one = QCoreApplication.translate("facts", "1 pruned synapse is absent and not counted.")
    many = QCoreApplication.translate("facts", "{count} pruned synapses are absent and not counted.")
    return one if count.pruned == 1 else many.format(count=f"{count.pruned:,}")


def parameter_counts(design: NetworkDesign) -> dict[str, Count]:
    """The parameters of every layer that has any, by layer id, as far as shapes are known."""
    inference = infer(design)
    counts = {}
    for spec in inference.order:
        sources = design.sources(spec.id)
        if spec.id not in inference.shapes or any(source not in inference.shapes for source in sources):
            continue
        tensors = spec.parameters(tuple(inference.shapes[source] for source in sources))
        total = sum(size_of(tensor.shape) for tensor in tensors)
        biases = sum(tensor.shape[0] for tensor in tensors if tensor.bias_column)
        if total:
            counts[spec.id] = _without(Count(total - biases, biases), pruned(design, spec.id), spec)
    return counts


def parameter_count(design: NetworkDesign) -> Count:
    """The parameters of the whole design."""
    return sum(parameter_counts(design).values(), Count())


def _without(count: Count, marks: NDArray[np.bool_] | None, spec: LayerSpec) -> Count:
    """A layer's count without its pruned synapses: `marks` are as its weight matrix."""
    if marks is None or not marks.any():
        return count
    biases = int(marks[:, 0].sum()) if isinstance(spec, Weighted) and spec.bias else 0
    gone = int(marks.sum())
    return Count(count.weights - gone + biases, count.biases - biases, gone)


def errors_of(project: Project, data: Data | None = None) -> tuple[Fault, ...]:
    """What forbids to train a project; `data` is its own where it is loaded."""
    return named(project.design, _infer(project, data, None if data is None else data.outputs).errors)


def examined(project: Project, data: Data | None = None) -> Inference:
    """Shapes and faults of a project; `data` is its own where it is loaded."""
    return _infer(project, data, None, Asked.by(data))


def _infer(project: Project, data: Data | None, outputs: int | None, asked: Asked | None = None) -> Inference:
    needs = demand(project.training, None if data is None else len(data.train))
    return infer(project.design, project.training.loss, outputs, asked=asked, **needs._asdict())


def faults_at(project: Project, layer_id: str, data: Data | None = None) -> tuple[Fault, ...]:
    """What is wrong at one layer, warnings included; `data` is the project's where it is loaded."""
    faults = examined(project, data).faults
    return named(project.design, tuple(fault for fault in faults if fault.layer == layer_id))


def named(design: NetworkDesign, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Faults whose sentences call layers as the screen does."""
    return tuple(replace(fault, message=with_titles(fault.message, design)) for fault in faults)


def weighted_layers(design: NetworkDesign) -> tuple[Weighted, ...]:
    """The layers with neurons, in an order of computation, the output last."""
    found = [spec for spec in infer(design).order if isinstance(spec, Weighted)]
    rest = [spec for spec in design.layers if isinstance(spec, Weighted) and spec not in found]
    return (*found, *rest)


def layer_number(design: NetworkDesign, layer_id: str) -> int:
    """The number of a layer as in the notation: 0 for the input, 1 for the first hidden layer, …"""
    return layer_numbers(design)[layer_id]


def truly_known(design: NetworkDesign, run: NetworkDesign) -> set[str]:
    """The layers of a design whose numbers are those of a run: they and all that feeds them are the same."""
    before = {spec.id: spec for spec in run.layers}
    true: set[str] = set()
    waiting = [spec.id for spec in design.layers if before.get(spec.id) == spec]
    while True:
        ready = {
            name
            for name in waiting
            if design.sources(name) == run.sources(name) and true.issuperset(design.sources(name))
        }
        if not ready:
            return true
        true |= ready
        waiting = [name for name in waiting if name not in ready]


def is_output(design: NetworkDesign, spec: LayerSpec) -> bool:
    """Whether a layer is the last of those that are fed."""
    return spec.id == output_of(design)


def link_in_loss(project: Project, spec: LayerSpec) -> str:
    """The label of what the loss itself makes of the last layer's values: softmax, say; "" where nothing."""
    loss = project.training.loss
    if loss.link == "identity" or not is_output(project.design, spec):
        return ""
    return ACTIVATIONS[loss.link].label if getattr(spec, "activation", "identity") == "identity" else ""
