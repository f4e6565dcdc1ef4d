"""The breadcrumb: where in the network the picture is, “Network › Layer 1 › Neuron 3”; a click goes back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from engine.address import layer_numbers, layer_title
from engine.design import NetworkDesign
from gui.canvas.picking import unit_at
from gui.canvas.rects import to_qt
from gui.canvas.view import CanvasView
from gui.document.selection import Picked
from gui.widgets.naming import name_control
from gui.widgets.words import translated

_NEARER = 1.35  # times the zoom at which everything is seen, from which one is in a layer
_NEURON = 90.0  # pixels across a neuron, from which one is at it


class Crumbs(QFrame):
    """Follows the camera; hidden while the whole network is seen.

    Attributes:
        path: (text, layer, unit) of every place, the widest first.
    """

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.path: list[tuple[str, str, int | None]] = []
        self.buttons: list[QToolButton] = []
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(6, 2, 6, 2)
        self._layout.setSpacing(0)
        self.setAutoFillBackground(True)
        self.hide()
        view.maps.settling.connect(self.follow)
        view.document.project_changed.connect(self.follow)
        view.document.replaced.connect(self.follow)

    def follow(self) -> None:
        """Look where the picture is now."""
        path = self._path()
        if path != self.path:
            self.path = path
            self._fill()
        self.setVisible(len(path) > 1)
        self.move(8, self._view.look.theme.px(20))

    def _path(self) -> list[tuple[str, str, int | None]]:
        view = self._view
        path: list[tuple[str, str, int | None]] = [(self.tr("Network"), "", None)]
        if view.camera.fitted or view.zoom < _NEARER * view.camera.fitting_zoom:
            return path
        design = view.document.project.design
        known = {spec.id for spec in design.layers}
        center = view.mapToScene(view.viewport().rect().center())
        key = self._layer_at(center)
        if key is None or key not in known:
            return path
        path.append((self._name(design, key), key, None))
        box = view.canvas.layers[key].box
        unit = unit_at(box, center.x(), center.y(), box.radius)
        if unit is not None and box.shape is None and 2 * box.radius * view.zoom >= _NEURON:
            name = self.tr("Neuron {number}") if box.maps is None else self.tr("Map {number}")
            path.append((name.format(number=f"{unit + 1:,}"), key, unit))
        return path

    def _name(self, design: NetworkDesign, layer: str) -> str:
        """As the inspector's heading: the ends say which layer they are, too."""
        name, number = layer_title(design, layer), layer_numbers(design)[layer]
        if name in ("Input", "Output"):
            return self.tr("{name}, layer {number}").format(name=translated(name), number=number)
        return translated(name)

    def _layer_at(self, center: QPointF) -> str | None:
        """The layer in the middle of the view, or nearest to it if that is in view."""
        view = self._view
        seen = view.mapToScene(view.viewport().rect()).boundingRect()
        nearest, least = None, 0.0
        for key, item in view.canvas.layers.items():
            r = item.box.rect
            if not seen.intersects(to_qt(r)):
                continue
            gap = max(r.x - center.x(), center.x() - r.right, 0.0)
            gap += max(r.y - center.y(), center.y() - r.bottom, 0.0)
            if nearest is None or gap < least:
                nearest, least = key, gap
        return nearest

    def _fill(self) -> None:
        while (entry := self._layout.takeAt(0)) is not None:
            widget = entry.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self.buttons = []
        for number, (text, layer, unit) in enumerate(self.path):
            if number:
                self._add(QLabel("›"))
            button = QToolButton()
            button.setText(text)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            name_control(button, text, self.tr("Back to {place}").format(place=text))
            button.clicked.connect(lambda _on=False, at=(layer, unit): self._go(*at))
            self._add(button)
            self.buttons.append(button)
        self._layout.activate()
        self.adjustSize()

    def _add(self, widget: QWidget) -> None:
        self._layout.addWidget(widget)
        widget.show()  # a layout gives hidden ones no room, and Qt would show it only later

    def _go(self, layer: str, unit: int | None) -> None:
        view = self._view
        if not layer:
            view.fit()
            return
        view.document.selection.select(Picked(layer, unit))
        view.zoom_to_selection()
