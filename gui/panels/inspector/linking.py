"""How a choice of activation says that the loss itself applies one to the output."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.activations import ACTIVATIONS
from gui.widgets.controls import Choice
from gui.widgets.words import in_the_loss, translated

NONE = "identity"


def say_link(choice: Choice, link: str, narrow: bool = False) -> None:
    """Call no activation what it amounts to: “Softmax in loss”, where `link` is the label of softmax.

    In a `narrow` place it is “Softmax*”; the tip says what the star means.
    """
    if not link:
        choice.say_for(NONE, translated(ACTIVATIONS[NONE].label))
        return
    tip = "The loss applies {link} to the outputs itself, so this layer needs no activation of its own"
    label = f"{link}*" if narrow else in_the_loss(link)
    choice.say_for(NONE, label, QCoreApplication.translate("Inspector", tip).format(link=link))
