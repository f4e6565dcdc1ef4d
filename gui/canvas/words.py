"""What the canvas says in words: the caption, the answers beside the outputs, and how things are called."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gui.canvas.items.output import Row
from gui.canvas.look import tr
from gui.session.frame_clock import Frame
from gui.widgets.numbers import fixed_text, number_text, percent_text, subscript, superscript


@dataclass(frozen=True, slots=True)
class Caption:
    """The sentence below the picture; right: whether the network is (None: neither right nor wrong)."""

    text: str
    right: bool | None


def caption(frame: Frame, playing: bool, first_pass: bool = False) -> Caption:
    """What the network says of the example shown, and what is true; not before its first pass has ended."""
    if first_pass and frame.snapshot.step == 0:
        return Caption(tr("The example runs forward …"), None)
    if not np.isfinite(frame.trace.prediction).all():
        return Caption(tr("It gives no answer: its outputs are no longer finite numbers."), None)
    said, true, right = verdict(frame)
    text = tr("It says {said}. It is {true}.").format(said=said, true=true)
    if frame.snapshot.step == 0 and frame.snapshot.phase == "update":
        text = tr("Untrained: it says {said}. It is {true}.").format(said=said, true=true)
        if not playing:
            text += " " + tr("Press Space.")
    if frame.what_if.clamps:
        text = tr("What if? Then it says {said}. It is {true}.").format(said=said, true=true)
    return Caption(text, right)


def verdict(frame: Frame) -> tuple[str, str, bool | None]:
    """What the network says, what is true (with an article where it is a digit), and whether it is right."""
    data, prediction = frame.data, frame.trace.prediction
    if data.task == "regression":
        offset, scale = data.target_offset, data.target_scale
        said = ", ".join(number_text(offset + scale * float(v)) for v in prediction)
        true = ", ".join(number_text(offset + scale * float(v)) for v in frame.trace.target)
        return said, true, None
    chosen, true_class = classes(frame)
    names = data.class_names
    return _quoted(names[chosen]), _with_article(names[true_class]), chosen == true_class


def classes(frame: Frame) -> tuple[int, int]:
    """The class that the network says, and the true one."""
    prediction, target, data = frame.trace.prediction, frame.trace.target, frame.data
    if data.task == "binary":
        said = int(float(prediction[0]) > data.threshold)
        return said, int(float(target[0]) > data.threshold)
    finite = np.nan_to_num(prediction, nan=-np.inf)
    return int(np.argmax(finite)), int(np.argmax(target))


def rows(frame: Frame) -> tuple[Row, ...]:
    """What stands beside the output neurons."""
    data, trace = frame.data, frame.trace
    low, high = data.target_range
    span = (high - low) or 1.0
    if data.task == "regression":
        offset, scale = data.target_offset, data.target_scale
        return tuple(
            Row(
                number_text(offset + scale * float(p)),
                None,
                tr("is {true}").format(true=number_text(offset + scale * float(t))),
                wins=True,
                true=True,
            )
            for p, t in zip(trace.prediction, trace.target, strict=True)
        )
    said, true = classes(frame)
    link = frame.network.loss.link
    if data.task == "binary":
        value = float(trace.prediction[0])
        if link == "sigmoid":  # the probability of the class named, which is the first one where p is small
            share = value if said else 1.0 - value
            return (Row(data.class_names[said], share, percent_text(share), True, said == true),)
        return (Row(data.class_names[said], (value - low) / span, fixed_text(value), True, said == true),)
    return tuple(
        Row(
            name,
            float(p) if link == "softmax" else (float(p) - low) / span,
            percent_text(float(p)) if link == "softmax" else fixed_text(float(p)),
            number == said,
            number == true,
        )
        for number, (name, p) in enumerate(zip(data.class_names, trace.prediction, strict=False))
    )


def _with_article(name: str) -> str:
    """A digit is "a 7" or "an 8"; other classes are called by their names."""
    if len(name) == 1 and name.isdigit():
        return tr("an {digit}").format(digit=name) if name == "8" else tr("a {digit}").format(digit=name)
    return _quoted(name)


def _quoted(name: str) -> str:
    return name


def symbol(letter: str, layer: int, unit: int) -> str:
    """A value's symbol in the notation of the course notes: a₃⁽¹⁾; units count from 1."""
    return f"{letter}{subscript(unit + 1)}⁽{superscript(layer)}⁾"


def weight_symbol(layer: int, unit: int, source: int) -> str:
    """The symbol of the weight to unit j of layer l from unit i: w⁽ˡ⁾ⱼᵢ; source −1 is the bias, index 0."""
    comma = "," if unit + 1 > 9 or source + 1 > 9 else ""
    return f"w⁽{superscript(layer)}⁾{subscript(unit + 1)}{comma}{subscript(source + 1)}"
