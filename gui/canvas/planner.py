"""The planner: lays the picture out anew when the project, the data, the size or the look is another one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.datasets.base import Data
from engine.design import Project
from gui.canvas.plan import Plan, plan
from gui.canvas.shifting import shifted
from gui.document.document import Document
from gui.document.facts import link_in_loss, truly_known
from gui.session.controller import SessionController

if TYPE_CHECKING:
    from gui.canvas.view import CanvasView

Places = dict[str, tuple[float, float]]


class Planner(QObject):
    """Makes the plan and puts it on the scene.

    Signals:
        dragged(): layers that are being dragged are at other places, of which the project knows nothing yet.

    Attributes:
        plan: the newest, None before the first; unfolded: the ids of layers of which every neuron is shown.
    """

    dragged = Signal()

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.plan: Plan | None = None
        self.unfolded: set[str] = set()
        self._dragged: Places = {}
        self._still: Plan | None = None  # before they were dragged

    @property
    def moving(self) -> bool:
        """Whether layers are being dragged, so that nothing but places changes."""
        return bool(self._dragged)

    def drag(self, places: Places) -> None:
        """Show layers at these places while they are dragged: a frame of it must not cost an edit."""
        self._dragged = places
        if self._still is None:
            self._still = self.plan
        self._show_dragged()
        self.dragged.emit()

    def drop(self) -> None:
        """They are dragged no more; what is on the scene stays until the next plan."""
        self._dragged, self._still = {}, None

    def _show_dragged(self) -> None:
        if self._still is not None:
            self.plan = shifted(self._still, self._dragged)
            self._view.canvas.set_plan(self.plan)
            self._view.maps.settle_soon()

    def follow(self, document: Document, controller: SessionController) -> None:
        """Lay out the open project, now and whenever it changes."""
        document.project_changed.connect(self._on_project)
        document.replaced.connect(self._on_replaced)
        controller.opened.connect(self._on_opened)
        controller.edited.connect(self._on_edited)
        controller.found.connect(self.replan)
        self.replan()

    @property
    def is_empty(self) -> bool:
        """Whether the design has no layer."""
        return self.plan is not None and not self.plan.layout.boxes

    def places(self) -> Places:
        """Where every layer is now, as `Project.positions` would hold it, by layer id."""
        return {} if self.plan is None else {k: b.anchor for k, b in self.plan.layout.boxes.items()}

    def replan(self) -> None:
        """Lay everything out, and paint it."""
        view = self._view
        self.plan = self.made_of(view.document.project)
        if self._dragged:
            self._still = self.plan
            self._show_dragged()
            return
        if not self.plan.inference.errors:
            view.canvas.insist(False)
        view.canvas.set_plan(self.plan)
        view.canvas.set_blank(self._unknown(self.plan))
        self.show_titles()
        view.legend.setVisible(not self.is_empty)
        layout = self.plan.layout
        view.camera.set_bounds(
            layout.bounds, min((box.rect.x for box in layout.boxes.values()), default=math.inf)
        )
        view.focus.update()
        view.live.update_legend()
        view.live.say()
        view.live.show_when_settled()
        view.maps.settle()

    def show_titles(self) -> None:
        """Write above every layer what it is."""
        project = self._view.document.project
        specs = {spec.id: spec for spec in project.design.layers}
        last = specs.get(self.plan.output) if self.plan else None
        link = "" if last is None else link_in_loss(project, last)
        boxes = self.plan.layout.boxes if self.plan else {}
        sizes = {key: len(box.units) + box.hidden for key, box in boxes.items()}
        self._view.canvas.show_titles(self._view.frame, specs, sizes, link)

    def made_of(self, project: Project, data: Data | None = None) -> Plan:
        """The plan of a project in this window, on data that is to be its own, or on those loaded."""
        view = self._view
        data = view.controller.data_of(project) if data is None else data
        size = view.viewport().size()
        return plan(
            project,
            data,
            size.width(),
            size.height(),
            labels=view.focus.label_width(project, data),
            names=view.focus.name_width(data),
            scale=view.look.theme.scale,
            unfolded=self.unfolded,
        )

    def _unknown(self, made: Plan) -> frozenset[str]:
        """The layers of an unfinished design of which the last run says nothing."""
        design, frame = self._view.document.project.design, self._view.frame
        if frame is None or not made.inference.errors:
            return frozenset()
        return frozenset(spec.id for spec in design.layers) - truly_known(design, frame.project.design)

    def _on_project(self, before: object, after: object) -> None:
        self._view.waves.stop()
        transition, canvas = self._view.transition, self._view.canvas
        seen = {} if self.moving else transition.capture()
        canvas.parting = bool(seen) and transition.possible
        self.replan()
        canvas.parting = False
        transition.glide(seen)

    def _on_edited(self, _event: object) -> None:
        if not self.moving:  # the worker has nothing to say of places
            self.replan()

    def _on_replaced(self) -> None:
        self._view.camera.fitted = True
        self._view.transition.stop()
        self.unfolded.clear()
        self._view.canvas.insist(False)
        self._view.live.forget()
        self.replan()

    def _on_opened(self) -> None:
        self._view.waves.fresh = True
        self.replan()
