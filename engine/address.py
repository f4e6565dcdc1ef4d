"""Addresses: where one value of a pass stands, a_j^{[i][t][k]}, as fields and as text for the screen.

j is the unit, i the layer, t the step of training whose parameters the pass uses, and k the example.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.design import NetworkDesign
from engine.layers.base import name_of
from engine.layers.dense import Input
from engine.layers.weighted import Weighted
from engine.validation.graph import topological
from engine.validation.loose import output_of

_SUBSCRIPT = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")
_LETTERS = {"prediction": "ŷ", "loss": "L", "delta": "δ", "weight": "w", "scale": "γ", "shift": "β"}
_LATEX = {"prediction": r"\hat{y}", "delta": r"\delta", "scale": r"\gamma", "shift": r"\beta"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a value stands.

    Attributes:
        symbol: "z", "a", "prediction", "loss", "delta", "weight", or "gradient", which is ∂L/∂ of `tensor`.
        layer: the layer's id; number: its i, by `layer_numbers`.
        step: t, the steps of training that were finished; example: k, counted from 1 in its split.
        unit: counted from 0 (on screen from 1); None for the loss.
        source: for a weight the unit that it comes from, −1 (BIAS) for a bias; None for all else.
        tensor: the parameter's name, "weight" or that of a normalization's or an activation's own.
    """

    symbol: str
    layer: str
    number: int
    step: int
    example: int
    unit: int | None = None
    source: int | None = None
    tensor: str = "weight"

    @property
    def value(self) -> str:
        """The value's name without its place: a₃, w₁₂, ∂L/∂w₁₂; an input is x₃."""
        if self.symbol == "gradient":
            return f"∂L/∂{_LETTERS.get(self.tensor, self.tensor)}{self._index.translate(_SUBSCRIPT)}"
        letter = "x" if self.symbol == "a" and not self.number else _LETTERS.get(self.symbol, self.symbol)
        return letter + self._index.translate(_SUBSCRIPT)

    @property
    def latex(self) -> str:
        """The whole address as the notes write it, to be typeset: a_{3}^{[1][12][1]}."""
        place = f"^{{[{self.number}][{self.step}][{self.example}]}}"
        index = f"_{{{self._index}}}" if self._index else ""
        if self.symbol == "gradient":
            return rf"\partial L / \partial {_LATEX.get(self.tensor, self._plain)}{index}{place}"
        return (_LATEX.get(self.symbol) or self._plain) + index + place

    def __str__(self) -> str:
        """As a card says it: a₃ [layer 1][batch 12][example 1]."""
        return f"{self.value} [layer {self.number}][batch {self.step:,}][example {self.example:,}]"

    @property
    def _plain(self) -> str:
        name = self.tensor if self.symbol == "gradient" else self.symbol
        letter = _LETTERS.get(name, name)
        return letter if len(letter) == 1 else rf"\mathrm{{{letter}}}"

    @property
    def _index(self) -> str:
        """Unit and source, counted from 1, where 0 is the bias; a comma where they would run together."""
        if self.unit is None:
            return ""
        if self.source is None:
            return str(self.unit + 1)
        comma = "," if max(self.unit, self.source) + 1 > 9 else ""
        return f"{self.unit + 1}{comma}{self.source + 1}"


def layer_numbers(design: NetworkDesign) -> dict[str, int]:
    """Every layer's i, by id: the input is 0, and each layer that computes something counts on.

    A layer that passes on what it is fed (Flatten; Dropout, which rests in the picture) bears its source's.
    """
    order, circle = topological(design)
    numbers: dict[str, int] = {}
    highest = 0
    fed: set[str] = set()  # what a wire still has to reach counts on behind what the input feeds
    for spec in order:
        if isinstance(spec, Input) or not fed.isdisjoint(design.sources(spec.id)):
            fed.add(spec.id)
    order.sort(key=lambda spec: spec.id not in fed)
    for spec in (*order, *(design.layer(layer) for layer in circle)):
        sources = design.sources(spec.id)
        if isinstance(spec, Input):
            numbers[spec.id] = 0
        elif spec.is_identity(False) and sources and sources[0] in numbers:
            numbers[spec.id] = numbers[sources[0]]
        else:
            highest += 1
            numbers[spec.id] = highest
    return numbers


def layer_title(design: NetworkDesign, layer_id: str) -> str:
    """What a layer is called: its own name, Input, Output, Layer 3 if it has neurons, else Flatten, Add 2."""
    spec = design.layer(layer_id)
    if spec.name.strip():
        return spec.name
    if isinstance(spec, Input):
        return spec.label
    if layer_id == output_of(design):
        return "Output"
    if not isinstance(spec, Weighted):
        number = spec.id.removeprefix(f"{spec.kind}-")
        alone = sum(other.kind == spec.kind for other in design.layers) == 1
        return spec.label if alone or not number.isdecimal() else f"{spec.label} {number}"
    return f"Layer {layer_numbers(design)[layer_id]}"


def with_titles(sentence: str, *designs: NetworkDesign) -> str:
    """A sentence in which layers are called as on screen; each by the first design that has it."""
    known: dict[str, str] = {}
    for design in designs:
        for spec in design.layers:
            if not spec.name and spec.id not in known and name_of(spec) in sentence:
                known[spec.id] = layer_title(design, spec.id)
                sentence = sentence.replace(name_of(spec), known[spec.id])
    return sentence
