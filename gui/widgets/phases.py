"""The phase strip: forward · loss · backward · average · update, with the current one marked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.training.step import PHASES
from gui import theme
from gui.widgets.naming import name_control


class PhaseStrip(QWidget):
    """Shows which phase of a training step was done last.

    Signals:
        phase_clicked(str): a person asks for a phase; what that means is for the session to decide.
    """

    phase_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase = ""
        self._hovered = -1
        self._labels = {
            "forward": self.tr("forward"),
            "loss": self.tr("loss"),
            "backward": self.tr("backward"),
            "average": self.tr("average"),
            "update": self.tr("update"),
        }
        self._helps = {
            "forward": self.tr("Activations run from the input to the output."),
            "loss": self.tr("The output is compared with the target."),
            "backward": self.tr("Each neuron learns its share of the error, from the output back."),
            "average": self.tr("The examples' gradients are averaged over the batch."),
            "update": self.tr("The optimizer changes the weights."),
        }
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        tip = self.tr("Which phase of a step was done last; ← → and Enter choose one")
        name_control(self, self.tr("Phase of the training step"), tip)
        self._describe()

    def phase(self) -> str:
        """The phase shown, "" for none."""
        return self._phase

    def set_phase(self, phase: str | None) -> None:
        """Mark a phase by its name in `engine.training.step.PHASES`, or none."""
        phase = phase or ""
        if phase != self._phase:
            self._phase = phase if phase in PHASES else ""
            self._describe()
            self.update()

    def box(self, phase: str) -> QRectF:
        """Where a phase's segment is, in the widget's pixels."""
        return self._boxes()[PHASES.index(phase)]

    def sizeHint(self) -> QSize:
        look = theme.current()
        return QSize(round(self._boxes()[-1].right()) + 2, look.px(24))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if theme.is_restyled(event):
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), self._helps[PHASES[at]] if at >= 0 else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and at >= 0:
            self.phase_clicked.emit(PHASES[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if move:
            self._hover(min(max(self._hovered + move, 0), len(PHASES) - 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._hovered >= 0:
            self.phase_clicked.emit(PHASES[self._hovered])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self._boxes()
        for number, (phase, box) in enumerate(zip(PHASES, boxes, strict=True)):
            current = phase == self._phase
            painter.setPen(Qt.PenStyle.NoPen)
            if current or number == self._hovered:
                painter.setBrush(look.color("accent" if current else "hover"))
                painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
            painter.setFont(look.font(theme.SMALL))
            painter.setPen(look.color("on_accent" if current else "secondary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._labels[phase])
        if self.hasFocus():
            ring = boxes[max(self._hovered, 0)].adjusted(-1, -1, 1, 1)
            painter.setPen(QPen(look.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)

    def _boxes(self) -> list[QRectF]:
        look = theme.current()
        metrics = QFontMetrics(look.font(theme.SMALL))
        boxes, x, height = [], 2.0, look.px(18)
        for phase in PHASES:
            width = metrics.horizontalAdvance(self._labels[phase]) + look.px(14)
            boxes.append(QRectF(x, (look.px(24) - height) / 2, width, height))
            x += width + look.px(2)
        return boxes

    def _at(self, x: float) -> int:
        return next((n for n, box in enumerate(self._boxes()) if box.left() <= x <= box.right()), -1)

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self._labels.get(self._phase, self.tr("none")))
