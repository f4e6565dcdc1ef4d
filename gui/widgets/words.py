"""The engine's words (labels, help texts) in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.address import Address
from engine.datasets.base import Data


def translated(text: str) -> str:
    """A word of the engine's (a label, a help text) in the user's language."""
    return QCoreApplication.translate("engine", text) if text else ""


def input_text(data: Data, unit: int) -> str:
    """What one input is called: “Pixel, row 3, column 12”, or by its name."""
    if data.image_shape is not None:
        height, width = data.image_shape[-2:]
        row, column = divmod(unit % (height * width), width)
        template = QCoreApplication.translate("words", "Pixel, row {row}, column {column}")
        return template.format(row=row + 1, column=column + 1)
    return QCoreApplication.translate("words", "Input {name}").format(name=data.feature_names[unit])


def place_text(address: Address) -> str:
    """Where a value stands: [layer 1][batch 12][example 1]."""
    template = QCoreApplication.translate("Address", "[layer {layer}][batch {batch}][example {example}]")
    return template.format(layer=address.number, batch=f"{address.step:,}", example=f"{address.example:,}")


def address_text(address: Address) -> str:
    """A value and where it stands: a₃ [layer 1][batch 12][example 1]."""
    return f"{address.value} {place_text(address)}"


def in_the_loss(link: str) -> str:
    """What is said for an output's activation where the loss applies one: “Softmax in loss”."""
    return QCoreApplication.translate("words", "{link} in loss").format(link=link)
