"""The engine's words (labels, help texts) in the user's language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.address import Address


def translated(text: str) -> str:
    """A word of the engine's (a label, a help text) in the user's language."""
    return QCoreApplication.translate("engine", text) if text else ""


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
