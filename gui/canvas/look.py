"""How the canvas looks: color tables, fonts and pens made once from the theme of the window."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QFont, QPen

from gui.canvas import color
from gui.canvas.color import ColorTable, diverging_table, gradient_table
from gui.theme import EQUATION, LEGIBLE, SMALL, TEXT, Theme, contrast

tr = partial(QCoreApplication.translate, "Canvas")

FAINTEST = 0.55  # alpha of a synapse of weight zero in a dense bundle
FAINTEST_LINE = 0.7  # … and of a single one
_INKS = "#14171B", "#FFFFFF", "#000000"  # on each color, one of them can be read
_MOST_PENS = 256


@dataclass(frozen=True, eq=False)
class Look:
    """Everything that the items paint with.

    Attributes:
        theme: the window's; dense, line, solid: the signed scale for bundles, for single synapses and for
            neurons (opaque); green, solid_green: gradients, of synapses and of neurons.
    """

    theme: Theme
    dense: ColorTable
    line: ColorTable
    solid: ColorTable
    green: ColorTable
    solid_green: ColorTable
    fonts: dict[tuple[int, bool], QFont] = field(default_factory=dict, repr=False)
    pens: dict[tuple[str, float, float], QPen] = field(default_factory=dict, repr=False, init=False)
    inks: dict[int, QColor] = field(default_factory=dict, repr=False, init=False)

    @classmethod
    def of(cls, theme: Theme) -> Look:
        """The look of a theme."""
        colors = color.DARK if theme.dark else color.LIGHT
        return cls(
            theme,
            diverging_table(colors, FAINTEST),
            diverging_table(colors, FAINTEST_LINE),
            diverging_table(colors, 1.0),
            gradient_table(colors, 0.0),
            gradient_table(colors, 1.0),
        )

    def small(self, *, bold: bool = False) -> QFont:
        """Secondary text."""
        return QFont(self._font(SMALL, bold))

    def text(self, *, bold: bool = False) -> QFont:
        """Text."""
        return QFont(self._font(TEXT, bold))

    def large(self) -> QFont:
        """The caption."""
        return QFont(self._font(EQUATION, True))

    def _font(self, pixels: int, bold: bool) -> QFont:
        """Making a font takes longer than copying one, and every item asks in every frame."""
        key = pixels, bold
        if key not in self.fonts:
            self.fonts[key] = self.theme.font(pixels, bold=bold)
        return self.fonts[key]

    def pen(self, role: str, width: float = 1.0, alpha: float = 1.0) -> QPen:
        """A pen in one of the theme's colors."""
        key = role, width, alpha
        if key not in self.pens:
            made = QPen(self.theme.color(role, alpha), width)
            made.setCapStyle(Qt.PenCapStyle.RoundCap)
            if len(self.pens) > _MOST_PENS:
                self.pens.clear()  # rings are of any width
            self.pens[key] = made
        return QPen(self.pens[key])

    def fill(self, value: float, limit: float) -> QColor:
        """The color of one value on the signed scale ±limit, as neurons show it."""
        return QColor(self.solid.hex(value, limit))

    def ink_on(self, fill: QColor) -> QColor:
        """Text color that can be read on a fill: the softest one with enough contrast."""
        key = fill.rgb()  # one of a table's
        if key not in self.inks:
            name = fill.name()
            found = next((ink for ink in _INKS if contrast(ink, name) >= LEGIBLE), _INKS[-1])
            self.inks[key] = QColor(found)
        return self.inks[key]
