"""What stands above a layer: its title, and the stepper [− 16 +] that changes its number of neurons."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.canvas.boxes import LayerBox
from gui.canvas.items.item import Item
from gui.canvas.items.lettering import least_scale, shortened, width_of, write
from gui.canvas.look import Look

_BUTTON = 20.0
_WIDTH, _ROOMY = 84.0, len("9,999")
_DIGIT = 8.0  # a longer number makes the stepper so much wider


class HeaderItem(Item):
    """A layer's header.

    Attributes:
        title: what the layer is called; note: said below it where there is no stepper.
        units: the number in the stepper, None without one; hot: the part under the mouse, "−", "+" or "".
    """

    def __init__(self, box: LayerBox, look: Look) -> None:
        super().__init__(look)
        self.box = box
        self.title = box.title
        self.note = ""
        self.units: int | None = None
        self.hot = ""
        self.selected = False
        self.zoom = 1.0
        self.setZValue(4)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.measure()

    def set_box(self, box: LayerBox) -> None:
        """The same layer elsewhere."""
        self.box = box
        self.measure()

    def set_texts(self, title: str, note: str, units: int | None) -> None:
        """Say something else."""
        if (title, note, units) != (self.title, self.note, self.units):
            self.title, self.note, self.units = title, note, units
            self.measure()

    def set_zoom(self, zoom: float) -> None:
        """Seen from near it keeps its size on the screen, and so is smaller in the scene."""
        if least_scale(zoom) != least_scale(self.zoom):
            self.zoom = zoom
            self.measure()

    @property
    def text_scale(self) -> float:
        """How large text is, in scene units per unscaled pixel."""
        return self.look.theme.scale * least_scale(self.zoom)

    def stepper_rect(self) -> QRectF:
        """Where the stepper is, in scene units."""
        h = self.box.header
        longer = max(len(f"{self.units or 0:,}") - _ROOMY, 0)
        width, height = (_WIDTH + _DIGIT * longer) * self.text_scale, _BUTTON * self.text_scale
        gap = 4 * least_scale(self.zoom)
        return QRectF(h.center[0] - width / 2, h.bottom - height - gap, width, height)

    def part_at(self, x: float, y: float) -> str:
        """What of the header lies at a point: "−", "+", "title" or ""."""
        rect = self.stepper_rect()
        button = rect.height()
        if self.units is not None and rect.contains(x, y):
            if x < rect.left() + button:
                return "−"
            return "+" if x > rect.right() - button else "units"
        return "title" if self.title_rect().contains(x, y) else ""

    def grip_at(self, x: float, y: float) -> bool:
        """Whether a point lies where the layer can be taken: on its title, or the note below it."""
        rect = self.stepper_rect()
        if self.units is None and rect.contains(x, y):
            return True
        near = abs(x - self.box.header.center[0]) <= max(self.box.header.width / 2, 40)
        return near and self.part_at(x, y) == "title"

    def title_rect(self) -> QRectF:
        """Where the title is, in scene units."""
        h = self.box.header
        shrink = least_scale(self.zoom)
        width = max(h.width, 150 * self.text_scale)
        height = h.height * shrink - _BUTTON * self.text_scale - 6 * shrink
        return QRectF(h.center[0] - width / 2, h.bottom - h.height * shrink, width, height)

    def set_hot(self, part: str) -> None:
        """Note the part under the mouse."""
        if part != self.hot:
            self.hot = part
            self.update()

    # -- Qt

    def reach(self) -> QRectF:
        return self.title_rect().united(self.stepper_rect()).adjusted(-2, -2, 2, 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        self._paint_ground(painter)
        bold = self.look.text(bold=True)
        painter.setFont(bold)
        painter.setPen(self.look.pen("accent" if self.selected else "text"))
        center = Qt.AlignmentFlag.AlignCenter
        rect = self.title_rect()
        room = int(rect.width() / least_scale(self.zoom))
        write(painter, rect, center, shortened(self.title, bold, room))
        if self.units is not None:
            self._paint_stepper(painter)
        elif self.note:
            painter.setFont(self.look.small())
            painter.setPen(self.look.pen("secondary"))
            write(painter, self.stepper_rect().adjusted(-40, 0, 40, 0), center, self.note)

    def _paint_ground(self, painter: QPainter) -> None:
        """A wire that goes past above the layer must not be read as a part of a letter."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.theme.color("canvas", 0.94))
        least, written = least_scale(self.zoom), self.title_rect()
        half = width_of(self.title, self.look.text(bold=True)) * least / 2 + 6 * least
        middle = written.center().x()
        for rect, wide in ((written, half), (self.stepper_rect(), self._width_below(least) / 2)):
            ground = QRectF(middle - wide, rect.top(), 2 * wide, rect.height())
            painter.drawRoundedRect(ground, 4 * least, 4 * least)

    def _width_below(self, least: float) -> float:
        """How wide what stands below the title is, or a ribbon beside the layer would miss a corner."""
        if self.units is not None:
            return self.stepper_rect().width()
        width = width_of(self.note, self.look.small())
        return (width + 6) * least if self.note else 0.0

    def _paint_stepper(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        rect = self.stepper_rect()
        side = rect.height()
        theme, thin = self.look.theme, least_scale(self.zoom)
        minus = QRectF(rect.left(), rect.top(), side, side)
        plus = QRectF(rect.right() - side, rect.top(), side, side)
        for part, button in (("−", minus), ("+", plus)):
            hot = self.hot == part
            painter.setPen(self.look.pen("control", thin) if hot else self.look.pen("line", thin))
            painter.setBrush(theme.color("hover") if hot else theme.color("canvas"))
            half = 0.5 * thin
            painter.drawRoundedRect(button.adjusted(half, half, -half, -half), 5 * thin, 5 * thin)
            painter.setPen(self.look.pen("text" if hot else "secondary", 1.4 * thin))
            c, arm = button.center(), side * 0.2
            painter.drawLine(QLineF(c - QPointF(arm, 0), c + QPointF(arm, 0)))
            if part == "+":
                painter.drawLine(QLineF(c - QPointF(0, arm), c + QPointF(0, arm)))
        painter.setFont(self.look.text())
        painter.setPen(self.look.pen("text"))
        write(painter, rect, Qt.AlignmentFlag.AlignCenter, f"{self.units:,}")
