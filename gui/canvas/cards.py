"""The card beside what the mouse is over: its numbers, its address and its equation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from engine.activations import ACTIVATIONS
from engine.edits.synapses import pruned
from gui.canvas import values
from gui.canvas.kernelcells import KernelPicture, Kernels
from gui.canvas.look import Look, tr
from gui.canvas.words import symbol, weight_symbol
from gui.document.selection import Picked
from gui.session.frame_clock import Frame
from gui.widgets.numbers import number_text
from gui.widgets.words import address_text, input_text, place_text

_TERMS = 3  # of the sum are written out
_GAP = 14


@dataclass(frozen=True, slots=True)
class CardText:
    """A title, its address, rows of (symbol, value), and an equation."""

    title: str
    address: str
    rows: tuple[tuple[str, str], ...]
    equation: str = ""
    kernels: Kernels | None = field(default=None, compare=False)
    chosen: int | None = None


def card_text(frame: Frame, picked: Picked) -> CardText | None:
    """What a card says of a neuron, an input or a synapse; None for what has no numbers (yet)."""
    trace = frame.trace.layers.get(picked.layer)
    if trace is None or picked.unit is None:
        return None
    shape = frame.network.shapes.get(picked.layer, ())
    is_map = len(shape) == 3 and frame.network.order[0].id != picked.layer
    if picked.source is not None:
        if is_map and picked.unit < shape[0]:
            return _kernel_weight(frame, picked)
        return _synapse(frame, picked)
    if picked.unit < 0:
        return CardText(tr("Bias"), tr("a neuron that is always 1"), (("x₀", "1"),))
    if is_map:
        return _map(frame, picked.layer, picked.unit) if picked.unit < shape[0] else None
    if picked.unit >= trace.a.size:
        return None
    source = frame.network.design.input
    if source is not None and picked.layer == source.id:
        return _input(frame, picked.unit)
    return _neuron(frame, picked.layer, picked.unit)


def _input(frame: Frame, unit: int) -> CardText:
    value = float(frame.trace.layers[frame.network.order[0].id].a[unit])
    title, name = input_text(frame.data, unit), f"x{_sub(unit)}"
    where = address_text(frame.trace.address("a", frame.network.order[0].id, unit))
    return CardText(title, where, ((name, number_text(value)),))


def _map(frame: Frame, layer: str, channel: int) -> CardText:
    """A feature map: its strongest activation, and for a convolution the kernels that make it."""
    shape = frame.network.shapes[layer]
    number = frame.trace.numbers[layer]
    spec = frame.network.design.layer(layer)
    a = frame.trace.layers[layer].a.reshape(shape)[channel]
    rows = [
        (tr("largest a"), number_text(float(a.max()))),
        (tr("mean a"), number_text(float(a.mean()))),
    ]
    title = tr("Map {unit} of {layer}").format(unit=channel + 1, layer=spec.name or _kind(spec, number))
    place, kernel = values.place_of(frame, layer), int(getattr(spec, "kernel", 0))
    kernels = None
    if place is not None and kernel:
        row = place.of(frame.trace.parameters)[channel]
        if getattr(spec, "bias", False):
            rows.append((weight_symbol(number, channel, -1), number_text(float(row[0])) + tr("  bias")))
            row = row[1:]
        if row.size % kernel**2 == 0:
            values_, limit = row.reshape(-1, kernel, kernel), float(np.abs(row).max()) or 1.0
            kernels = Kernels(values_, limit, _absent(frame, layer, channel, values_.shape))
            rows.append((tr("kernels"), f"±{number_text(limit, 2)}"))
    where = place_text(frame.trace.address("a", layer))
    return CardText(title, where, tuple(rows), "", kernels)


def _absent(frame: Frame, layer: str, channel: int, shape: tuple[int, ...]) -> np.ndarray | None:
    """Which weights of a filter's kernels are pruned, None if none is."""
    marks = pruned(frame.network.design, layer)
    if marks is None or not marks[channel].any():
        return None
    found: np.ndarray = marks[channel][-int(np.prod(shape)) :].reshape(shape)
    return found


def _kernel_weight(frame: Frame, picked: Picked) -> CardText | None:
    """A filter's card with one of its weights chosen."""
    assert picked.unit is not None
    assert picked.source is not None
    card, place = _map(frame, picked.layer, picked.unit), values.place_of(frame, picked.layer)
    column = picked.source + int(getattr(frame.network.design.layer(picked.layer), "bias", False))
    if place is None or card.kernels is None or not 0 <= column < place.shape[1]:
        return None
    both = frame.trace.parameters, frame.trace.gradients
    w, slope = (place.of(flat)[picked.unit, column] for flat in both)
    name = weight_symbol(frame.trace.numbers[picked.layer], picked.unit, picked.source)
    rows = ((name, number_text(float(w))), (f"∂L/∂{name}", _gradient(float(slope))))
    kernels = replace(card.kernels, chosen=picked.source)
    return replace(card, rows=(*card.rows, *rows), kernels=kernels, chosen=picked.source)


def _neuron(frame: Frame, layer: str, unit: int) -> CardText:
    trace = frame.trace.layers[layer]
    number = frame.trace.numbers[layer]
    spec = frame.network.design.layer(layer)
    title = tr("Neuron {unit} of {layer}").format(unit=unit + 1, layer=spec.name or _kind(spec, number))
    z, a, delta = float(trace.z[unit]), float(trace.a[unit]), float(trace.delta[unit])
    phi = getattr(spec, "activation", None)
    rows = [(symbol("z", number, unit), number_text(z)), (symbol("a", number, unit), number_text(a))]
    equation = ""
    place = values.place_of(frame, layer)
    if place is not None:
        matrix = place.of(frame.trace.parameters)
        bias = bool(getattr(spec, "bias", False))
        if bias:
            rows.append((weight_symbol(number, unit, -1), number_text(float(matrix[unit, 0])) + tr("  bias")))
        equation = _equation(frame, layer, unit, matrix[unit], bias, number)
    rows.append((symbol("δ", number, unit), _gradient(delta)))
    if phi is not None:
        rows.append(("φ", ACTIVATIONS[phi].text))
    return CardText(title, address_text(frame.trace.address("a", layer, unit)), tuple(rows), equation)


def _equation(frame: Frame, layer: str, unit: int, row: np.ndarray, bias: bool, number: int) -> str:
    """Z = Σ w·a with its largest terms first written out."""
    sources = frame.network.design.sources(layer)
    if len(sources) != 1:
        return ""
    a = frame.trace.layers[sources[0]].a
    if a.size + bias != row.size:
        return ""
    inputs = np.concatenate([np.ones(1, a.dtype), a]) if bias else a
    terms = row * inputs
    largest = np.argsort(-np.abs(terms), kind="stable")[:_TERMS]
    parts = [
        f"{_signed(float(row[i]), first=k == 0)}·{_factor(float(inputs[i]))}" for k, i in enumerate(largest)
    ]
    rest = terms.size - len(largest)
    text = " ".join(parts)
    if rest > 0:
        left = float(terms.sum() - terms[largest].sum())
        text += " " + tr("{sum} from {count} more").format(sum=_signed(left), count=f"{rest:,}")
    z = float(frame.trace.layers[layer].z[unit])
    return f"{symbol('z', number, unit)} = Σ w·a =\n{text}\n= {number_text(z)}"


def _synapse(frame: Frame, picked: Picked) -> CardText | None:
    place = values.place_of(frame, picked.layer)
    assert picked.unit is not None
    assert picked.source is not None
    if place is None or picked.source_layer not in frame.trace.layers:
        return None
    spec = frame.network.design.layer(picked.layer)
    column = picked.source + int(getattr(spec, "bias", True))
    a = frame.trace.layers[picked.source_layer].a
    rows, columns = place.shape
    if picked.unit >= rows or not 0 <= column < columns or picked.source >= a.size:
        return None
    number = frame.trace.numbers[picked.layer]
    w = float(place.of(frame.trace.parameters)[picked.unit, column])
    g = float(place.of(frame.trace.gradients)[picked.unit, column])
    x = 1.0 if picked.source < 0 else float(a[picked.source])
    name = weight_symbol(number, picked.unit, picked.source)
    title = (
        tr("Bias of neuron {unit}").format(unit=picked.unit + 1)
        if picked.source < 0
        else tr("Synapse from {source} to {unit}").format(source=picked.source + 1, unit=picked.unit + 1)
    )
    return CardText(
        title,
        address_text(frame.trace.address("weight", picked.layer, picked.unit, picked.source)),
        (
            (name, number_text(w)),
            ("a", number_text(x)),
            ("w·a", number_text(w * x)),
            (f"∂L/∂{name}", _gradient(g)),
        ),
    )


def _kind(spec: object, number: int) -> str:
    return tr("layer {number}").format(number=number)


def _sub(unit: int) -> str:
    return str(unit + 1).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _gradient(value: float) -> str:
    """A gradient: its sign is an arrow."""
    return f"{'▲' if value > 0 else '▼'} {number_text(abs(value))}" if value else "0"


def _signed(value: float, first: bool = False) -> str:
    text = number_text(abs(value), 2)
    if first:
        return ("−" if value < 0 else "") + text
    return ("− " if value < 0 else "+ ") + text


def _factor(value: float) -> str:
    text = number_text(value, 2)
    return f"({text})" if value < 0 else text


class Card(QFrame):
    """The card: stays within the room it is given and never covers what it speaks of.

    Attributes:
        picture: a filter's kernels, whose cells can be clicked while the card is `live`.
    """

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.text: CardText | None = None
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self.picture = KernelPicture(self)
        self.picture.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 9)
        layout.addWidget(self._label)
        layout.addWidget(self.picture)
        self.set_live(False)
        self.setObjectName("canvasCard")
        self.set_look(look)
        self.hide()

    def set_look(self, look: Look) -> None:
        """Another theme."""
        self.look = look
        t = look.theme
        self.setStyleSheet(
            f"#canvasCard {{ background: {t.field}; border: 1px solid {t.control}; border-radius: 6px; }}"
            f"#canvasCard QLabel {{ background: transparent; color: {t.text}; }}"
        )
        self._label.setFont(look.text())
        if self.text is not None:
            self.show_text(self.text)

    def show_text(self, text: CardText) -> None:
        """Fill the card."""
        self.text = text
        t = self.look.theme
        gray = f"color:{t.secondary}; font-size:{t.px(11)}px"
        rows = "".join(
            f"<tr><td style='color:{t.secondary}; padding-right:12px'>{escape(name)}</td>"
            f"<td><b>{escape(value)}</b></td></tr>"
            for name, value in text.rows
        )
        equation = (
            f"<div style='margin-top:5px; {gray}'>{escape(text.equation).replace(chr(10), '<br>')}</div>"
            if text.equation
            else ""
        )
        self._label.setText(
            f"<div><b>{escape(text.title)}</b></div><div style='{gray}'>{escape(text.address)}</div>"
            f"<table cellspacing='1' style='margin-top:4px'>{rows}</table>{equation}"
        )
        self._label.setWordWrap(False)
        self.picture.show_kernels(text.kernels, self.look)
        self._fit()

    def set_live(self, live: bool) -> None:
        """Whether its kernels can be clicked; otherwise the mouse goes through the card."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not live)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # it is not meant for what lies below

    def _fit(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.adjustSize()

    def place_beside(self, subject: QRect, room: QRect, others: tuple[QRect, ...] = ()) -> None:
        """Move beside what it speaks of, within a room: wherever it covers least of others."""
        self.move(beside(subject, self.size(), room, others))


def beside(subject: QRect, size: QSize, room: QRect, others: tuple[QRect, ...] = ()) -> QPoint:
    """Return where something of this size fits beside a subject within a room, not covering it.

    Of several such places it is the one that covers least of `others`, of equal ones the first: right, left,
    below, above; then at the foot or the head of the room, right or left of it, or in a corner.
    """
    width, height = size.width(), size.height()
    y = min(max(subject.center().y() - height // 2, room.top() + 4), room.bottom() - height - 4)
    x = min(max(subject.center().x() - width // 2, room.left() + 4), room.right() - width - 4)
    right, left = subject.right() + _GAP, subject.left() - _GAP - width
    below, above = subject.bottom() + _GAP, subject.top() - _GAP - height
    head, foot = room.top() + 4, room.bottom() - height - 4
    places = [(right, y), (left, y), (x, below), (x, above)]
    corners = room.right() - width - 4, room.left() + 4
    places += [(side, end) for side in (right, left, *corners) for end in (foot, head)]
    inner = room.adjusted(4, 4, -4, -4)
    fitting = [QPoint(*at) for at in places if inner.contains(QRect(QPoint(*at), size))]
    fitting = fitting or [QPoint(x, max(above, head))]
    return min(fitting, key=lambda at: _shared(QRect(at, size), others))


def _shared(place: QRect, others: tuple[QRect, ...]) -> int:
    """How many pixels of others a place covers."""
    common = (place.intersected(other) for other in others)
    return sum(part.width() * part.height() for part in common if not part.isEmpty())
