"""How a choice of activation says that the loss itself applies one to the output."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.activations import ACTIVATIONS
from gui.widgets.controls import Choice
from gui.widgets.words import in_the_loss, translated

NONE = "identity"


def say_link(choice: Choice, link: str) -> None:
    """Call no activation what it amounts to: “Softmax in loss”, where `link` is the label of softmax."""
    if not link:
        choice.say_for(NONE, translated(ACTIVATIONS[NONE].label))
        return
    tip = "The loss applies {link} to the outputs itself, so this layer needs no activation of its own"
    choice.say_for(NONE, in_the_loss(link), QCoreApplication.translate("Inspector", tip).format(link=link))
