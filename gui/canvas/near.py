"""The picture from near: a neuron's numbers, and from nearest its own equation with live numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTextDocument

from engine.activations import ACTIVATIONS
from gui.canvas import values
from gui.canvas.look import Look, tr
from gui.session.frame_clock import Frame
from gui.widgets.numbers import number_text
from gui.widgets.words import address_text

Array = NDArray[Any]

NUMBERS = 48.0  # pixels across a neuron from which its numbers are written in it
SYNAPSES = 80.0  # … and on its synapses
_TERMS = 5  # of a sum are written out
_DIGITS = 3


@dataclass(frozen=True, eq=False)
class Numbers:
    """A layer's numbers, each (units,), and the frame they come from; bias is None where there is none."""

    frame: Frame
    z: Array
    a: Array
    delta: Array
    bias: Array | None

    def lines(self, unit: int) -> list[tuple[str, float]]:
        """What is written in a neuron, the most telling number first."""
        found = [("a", self.a[unit]), ("z", self.z[unit]), ("δ", self.delta[unit])]
        if self.bias is not None:
            found.append(("b", self.bias[unit]))
        return [(name, float(value)) for name, value in found]


def numbers_of(frame: Frame, layer: str) -> Numbers | None:
    """The numbers of a layer of neurons, None for inputs, pictures and feature maps."""
    trace = frame.trace.layers.get(layer)
    shape = frame.network.shapes.get(layer, ())
    if trace is None or len(shape) != 1 or layer == frame.network.order[0].id:
        return None
    place, bias = values.place_of(frame, layer), None
    if place is not None and getattr(frame.network.design.layer(layer), "bias", False):
        bias = place.of(frame.trace.parameters)[:, 0]
    return Numbers(frame, trace.z, trace.a, trace.delta, bias)


# -- the equation


def equation_html(numbers: Numbers, layer: str, unit: int, terms: int = _TERMS) -> str:
    """How a neuron's numbers come about: z, a, δ and ∂L/∂w, with symbols, values, and their address."""
    frame = numbers.frame
    number = frame.trace.numbers[layer]
    lines = _forward(frame, layer, unit, number, terms)
    z, a = float(numbers.z[unit]), float(numbers.a[unit])
    phi = getattr(frame.network.design.layer(layer), "activation", None)
    if phi is not None:
        function = ACTIVATIONS[phi]
        lines.append(f"{_symbol('a', number, unit)} = φ(z) = {function.label}({_n(z)}) = <b>{_n(a)}</b>")
    lines += _backward(numbers, layer, unit, number, terms)
    lines.append(f"<small>{address_text(frame.trace.address('a', layer, unit))}</small>")
    return "<div align='center'>" + "<br>".join(lines) + "</div>"


def _forward(frame: Frame, layer: str, unit: int, number: int, terms: int) -> list[str]:
    fed = _fed(frame, layer, unit)
    z = float(frame.trace.layers[layer].z[unit])
    if fed is None:
        return [f"{_symbol('z', number, unit)} = <b>{_n(z)}</b>"]
    row, inputs, first = fed
    before = number - 1
    chosen = np.sort(np.argsort(-np.abs(row * inputs), kind="stable")[:terms])
    parts = [f"{_factor(float(row[i]))}·{_factor(float(inputs[i]))}" for i in chosen]
    rest = len(row) - len(chosen)
    if rest:
        left = float((row * inputs).sum() - (row * inputs)[chosen].sum())
        parts.append(tr("{sum} from {count} more").format(sum=_factor(left), count=f"{rest:,}"))
    general = f"{_symbol('z', number, unit)} = Σ<sub>i</sub> w<sub>{unit + 1}i</sub> a<sub>i</sub>"
    general += f"<sup>({before})</sup>" if before >= 0 else ""
    if first:
        general += tr("  (i = 0: the bias)")
    return [general, "= " + " + ".join(parts), f"= <b>{_n(z)}</b>"]


def _backward(numbers: Numbers, layer: str, unit: int, number: int, terms: int) -> list[str]:
    frame = numbers.frame
    delta = float(numbers.delta[unit])
    symbol = _symbol("δ", number, unit)
    arriving = _arriving(frame, layer, unit)
    if arriving is None:
        lines = [f"{symbol} = ∂L/∂z = <b>{_n(delta)}</b>"]
    else:
        weights, deltas = arriving
        sums = float((weights * deltas).sum())
        chosen = np.sort(np.argsort(-np.abs(weights * deltas), kind="stable")[:terms])
        parts = [f"{_factor(float(weights[j]))}·{_factor(float(deltas[j]))}" for j in chosen]
        rest = len(weights) - len(chosen)
        if rest:
            left = sums - float((weights * deltas)[chosen].sum())
            parts.append(tr("{sum} from {count} more").format(sum=_factor(left), count=f"{rest:,}"))
        general = f"{symbol} = φ′(z) · Σ<sub>j</sub> w<sub>j{unit + 1}</sub> δ<sub>j</sub>"
        slope = _slope(frame, layer, numbers, unit)
        lines = [general, f"= {_n(slope)} · ({' + '.join(parts)})", f"= <b>{_n(delta)}</b>"]
    if _fed(frame, layer, unit) is not None:
        lines.append(f"∂L/∂w<sub>{unit + 1}i</sub> = δ a<sub>i</sub> = {_n(delta)} · a<sub>i</sub>")
    return lines


def _fed(frame: Frame, layer: str, unit: int) -> tuple[Array, Array, bool] | None:
    """The weights into a unit and what they are fed, bias first if there is one (True)."""
    place, sources = values.place_of(frame, layer), frame.network.design.sources(layer)
    if place is None or len(sources) != 1:
        return None
    row = place.of(frame.trace.parameters)[unit]
    a = frame.trace.layers[sources[0]].a
    bias = row.size == a.size + 1
    if row.size != a.size + bias:
        return None
    return row, np.concatenate([np.ones(1, a.dtype), a]) if bias else a, bias


def _arriving(frame: Frame, layer: str, unit: int) -> tuple[Array, Array] | None:
    """The weights out of a unit and the δ that they bring back, where one dense layer is fed."""
    design = frame.network.design
    targets = design.targets(layer)
    if len(targets) != 1 or design.sources(targets[0]) != (layer,):
        return None
    place = values.place_of(frame, targets[0])
    size = frame.trace.layers[layer].a.size
    if place is None or place.shape[1] not in (size, size + 1):
        return None
    matrix = place.of(frame.trace.parameters)
    return matrix[:, unit + matrix.shape[1] - size], frame.trace.layers[targets[0]].delta


def _slope(frame: Frame, layer: str, numbers: Numbers, unit: int) -> float:
    """φ′(z), of one z."""
    phi = getattr(frame.network.design.layer(layer), "activation", "identity")
    z = numbers.z[unit : unit + 1].reshape(1, 1).astype(np.float64)
    return float(ACTIVATIONS[phi].derivative(z)[0, 0])


def paint_equation(painter: QPainter, look: Look, room: QRectF, ink: str, html: str) -> QTextDocument:
    """Write an equation into `room`, in the painter's units, as large as it fits."""
    document = QTextDocument()
    document.setDefaultFont(look.text())
    document.setDocumentMargin(0)
    document.setDefaultStyleSheet(f"div {{ color: {ink}; }}")
    document.setHtml(html)
    document.setTextWidth(document.idealWidth() + 1)
    natural = document.size()
    scale = min(room.width() / max(natural.width(), 1.0), room.height() / max(natural.height(), 1.0))
    painter.save()
    painter.translate(room.center())
    painter.scale(scale, scale)
    painter.translate(-natural.width() / 2, -natural.height() / 2)
    document.drawContents(painter)
    painter.restore()
    return document


def _symbol(letter: str, number: int, unit: int) -> str:
    return f"{letter}<sub>{unit + 1}</sub><sup>({number})</sup>"


def _n(value: float) -> str:
    return number_text(value, _DIGITS)


def _factor(value: float) -> str:
    return f"({_n(value)})" if value < 0 else _n(value)
