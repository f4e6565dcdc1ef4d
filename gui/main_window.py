"""The main window: composition only. It builds the parts that are seen and introduces them to each other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QSplitter, QVBoxLayout, QWidget

from engine.design import DataConfig
from gui import theme
from gui.actions import Actions
from gui.availability import Availability
from gui.canvas.arranging import Arranging
from gui.canvas.crumbs import Crumbs
from gui.canvas.find import FindField
from gui.canvas.view import CanvasView
from gui.context import ContextMenus
from gui.document.editing import Editing
from gui.files.dialogs import FileDialogs
from gui.files.recent import RecentMenu
from gui.files.recovery import RecoveryOffer
from gui.flyouts import Flyouts
from gui.keys import KeyGuard
from gui.looks import ViewOptions
from gui.messages import Messages
from gui.panels.commands import CommandPalette
from gui.panels.drawer import Drawer
from gui.panels.help import Help
from gui.panels.inspector import Inspector
from gui.panels.navigator import ExampleNavigator
from gui.panels.rail import Rail
from gui.panels.transport import Transport
from gui.parts import Parts
from gui.session.browser import ExampleBrowser
from gui.session.respite import Respite
from gui.widgets.naming import name_control, name_picture
from gui.widgets.notices import Banner, PassingLabel, Toasts

WIDTH, HEIGHT = 1280, 800
TOAST_ROOM = 240  # unscaled pixels that a toast needs beside a flyout


class MainWindow(QMainWindow):
    """The one window.

    Signals:
        closed(): it was closed, and nothing keeps it open any more.
    """

    closed = Signal()

    def __init__(self, parts: Parts) -> None:
        theme.manager().begin(parts.settings.values.text_scale)
        super().__init__()
        self.parts = parts
        self._may_close = False
        self.setMinimumSize(680, 400)  # rail, navigator and inspector beside each other
        p = parts
        self.canvas = CanvasView(p.document, p.controller, p.clock, p.example, theme.manager())
        tip = self.tr("Arrow keys walk the network; the status bar says what the mouse would do")
        name_picture(self.canvas, self.tr("Canvas"), tip)
        self.options = ViewOptions(p.settings, self)
        self.browser = ExampleBrowser(p.example, p.clock, self)
        self.editing = Editing(p.document, self)
        self.editing.outputs, self.editing.features = p.training.outputs, p.training.features
        self.arranging = Arranging(self.canvas, self)
        self.finder, self.crumbs = FindField(self.canvas), Crumbs(self.canvas)
        self.files = FileDialogs(p.storage, p.settings, self)
        self.help = Help(self)
        self.actions_ = Actions(self, self._handlers())
        self.help.actions_ = self.actions_
        self.context = ContextMenus(self.actions_, self)
        self.availability = Availability(self.actions_, p, self.editing, self.canvas.byhand, self)
        self._make_panels()
        self._lay_out()
        self._fill_menus()
        self.toasts = Toasts(self.center, room=self._toast_room)
        self.canvas.strip.ground.installEventFilter(self.toasts)
        self.recovery = RecoveryOffer(p.autosaver, self.offer, self)
        self.keys = KeyGuard(self)
        self.respite = Respite(p.controller, self)
        self.messages = Messages(p, self.banner, self.toasts, self)
        self.messages.choose_data = lambda: self.rail.open("data")
        self.messages.open_file = self.files.open_path
        self.recovery.leave = self.files.leave
        self._connect_messages()
        self._connect_state()
        self._apply_settings()

    # -- building

    def _handlers(self) -> dict[str, object]:
        """Who does what the table of commands names."""
        p = self.parts
        return {
            "window": self,
            "files": self.files,
            "editing": self.editing,
            "arranging": self.arranging,
            "find": self.finder,
            "byhand": self.canvas.byhand,
            "marking": self.canvas.byhand.marking,
            "undo": p.document.undo_stack,
            "selection": p.document.selection,
            "settings": p.settings,
            "training": p.training,
            "browser": self.browser,
            "canvas": self.canvas,
            "look": self.options,
            "help": self.help,
        }

    def _make_panels(self) -> None:
        p = self.parts
        self.transport = Transport(self.actions_, p.training, p.clock)
        self.navigator = ExampleNavigator(self.browser, self.actions_)
        self.inspector = Inspector(p.document, p.controller, p.clock, self.actions_)
        self.drawer = Drawer(p.document, p.controller, p.clock, self.actions_)
        self.palette_ = CommandPalette(self.actions_, self)
        self.banner, self.offer = Banner(), Banner()
        self.center = QWidget()
        self.rail = Rail(self.center)
        self.flyouts = Flyouts(self.rail, p, self)

    def _lay_out(self) -> None:
        center = _column(self.center)
        center.addWidget(self.canvas, 1)
        center.addWidget(self.navigator)
        upper = QWidget()
        column = _column(upper)
        column.addWidget(self.offer)
        column.addWidget(self.banner)
        column.addWidget(self.center, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(3)
        self.split.addWidget(upper)
        self.split.addWidget(self.drawer)
        self.split.setStretchFactor(0, 1)
        name_control(
            self.split.handle(1), self.tr("Height of the charts"), self.tr("Drag: more or less room")
        )
        self.drawer.hide()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for widget, stretch in ((self.rail, 0), (self.split, 1), (self.inspector, 0)):
            row.addWidget(widget, stretch)
        whole = QWidget()
        rows = _column(whole)
        rows.addWidget(self.transport)
        rows.addLayout(row, 1)
        self.setCentralWidget(whole)
        self.hint = QLabel()
        self.hint.setProperty("role", "secondary")
        self.busy = PassingLabel()
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(6, 0, 6, 0)
        self.statusBar().addWidget(self.hint, 1)
        self.statusBar().addPermanentWidget(self.busy)

    def _fill_menus(self) -> None:
        self.actions_.fill(self.menuBar())
        menu = self.actions_.menus[self.tr("File/Open recent")]
        self.recent = RecentMenu(menu, self.actions_["file.forget"], self.parts.settings)
        self.recent.chosen.connect(self.files.open_path)

    # -- introducing

    def _connect_messages(self) -> None:
        self.canvas.drag_entered.connect(self.toasts.make_way)
        self.rail.changed.connect(self.toasts.place)
        self.editing.cannot.connect(self.toasts.say)
        self.editing.told.connect(self.toasts.say)
        self.parts.document.refused.connect(self.toasts.say)
        self.arranging.cannot.connect(self.toasts.say)
        self.arranging.told.connect(self.toasts.say)
        self.canvas.byhand.cannot.connect(self.toasts.say)
        self.browser.none_found.connect(
            lambda: self.toasts.say(self.tr("There are no mistakes: it gets every example right."))
        )
        self.parts.storage.background.busy_changed.connect(self.busy.say)
        self.parts.storage.saved.connect(self._on_saved)

    def _connect_state(self) -> None:
        p = self.parts
        self.canvas.status_text.connect(self.hint.setText)
        p.training.cannot.connect(lambda _why: self.canvas.insist())
        self.canvas.menu_wanted.connect(self.context.show)
        self.canvas.covered = self.rail.covered
        self.rail.changed.connect(self.canvas.make_room)
        self.rail.changed.connect(lambda: self.navigator.make_room(self.rail.covered()))
        self.canvas.dropped.connect(self._on_dropped)
        self.parts.storage.place = self.canvas.drops.placed
        self.flyouts.opened.connect(self._on_dropped)
        self.flyouts.layer_chosen.connect(self.editing.add_layer)
        self.flyouts.data_chosen.connect(self.files.use_data)
        self.flyouts.file_wanted.connect(self.files.ask_open)
        self.help.commands_wanted.connect(self.palette_.open)
        self.options.waves_changed.connect(self.canvas.set_waves)
        self.options.motion_changed.connect(self.canvas.set_reduce_motion)
        self.options.face_changed.connect(self.canvas.set_neuron_face)
        theme.manager().changing.connect(self.respite.take)
        self.options.drawer_changed.connect(self.respite.take)
        self.options.drawer_changed.connect(self.drawer.setVisible)
        for charts in (self.inspector.learning.charts, self.drawer.charts):
            charts.log_changed.connect(self.options.set_log)
            self.options.log_changed.connect(charts.set_log)
        self.options.presentation_changed.connect(self._on_presentation)
        p.document.modified_changed.connect(self.setWindowModified)
        p.document.project_changed.connect(self._on_project)
        p.document.replaced.connect(self._on_project)
        p.document.path_changed.connect(self._on_path)
        p.document.replaced.connect(self._on_path)
        self._on_path()

    def _apply_settings(self) -> None:
        values = self.parts.settings.values
        self.options.apply()
        self.parts.training.set_pace(values.pace if values.pace is not None else float("inf"))
        self.parts.training.pace_changed.connect(self._remember_pace)
        for name, on in (
            (f"view.theme.{values.theme}", True),
            (f"view.text.{round(values.text_scale * 100)}", True),
            ("view.motion", values.reduce_motion),
            ("view.waves", self.options.waves),
            (f"view.face.{self.options.face}", True),
        ):
            if name in self.actions_:
                self.actions_[name].setChecked(on)
        self.options.waves_changed.connect(self.actions_["view.waves"].setChecked)
        self.options.face_changed.connect(lambda face: self.actions_[f"view.face.{face}"].setChecked(True))
        self.parts.settings.restore_window(self, WIDTH, HEIGHT)

    # -- following

    def _on_dropped(self, what: str, name: str) -> None:
        """Something that opens was dropped on the canvas, or chosen in the palette."""
        if what == "data":
            self.files.use_data(DataConfig(name=name))
        elif what == "example":
            self.files.open_example(name)
        elif what == "file":
            self.files.open_path(name)
        elif what == "architecture":
            self.editing.build(name)

    def _toast_room(self) -> QRect:
        """Above the legend and the caption, and beside an open flyout if there is some width left."""
        left = self.rail.covered()
        left = left if self.center.width() - left >= theme.current().px(TOAST_ROOM) else 0
        return QRect(left, 0, self.center.width() - left, self.canvas.y() + self.canvas.strip.ground.y())

    def _on_saved(self, path: Path) -> None:
        self.busy.say(self.tr("Saved {name}.").format(name=path.name), passing=True)

    def _on_project(self) -> None:
        self.navigator.set_empty(not self.parts.document.project.design.layers)

    def _on_path(self) -> None:
        document = self.parts.document
        name = document.path.stem if document.path is not None else document.project.title
        self.setWindowTitle(f"{name or document.project.name}[*] – Synapscope")
        self.setWindowFilePath(str(document.path) if document.path is not None else "")
        self.setWindowModified(document.modified)

    def _on_presentation(self, on: bool) -> None:
        for widget in (self.menuBar(), self.rail, self.inspector, self.navigator, self.statusBar()):
            widget.setVisible(not on)
        self.rail.close_all()
        self.drawer.setVisible(self.options.drawer and not on)
        full = Qt.WindowState.WindowFullScreen  # beside it, whether the window is maximized stays
        self.setWindowState(self.windowState() | full if on else self.windowState() & ~full)
        if on:
            self.toasts.say(self.tr("F11 or Escape leads back."))

    def _remember_pace(self, pace: float) -> None:
        self.parts.settings.change(pace=None if pace == float("inf") else pace)

    # -- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.options.presentation:
            self.actions_["view.present"].trigger()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.respite.take()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.parts.clock.set_hidden(False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.parts.clock.set_hidden(True)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.parts.clock.set_hidden(self.isMinimized())

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.parts.document.modified and not self._may_close:
            event.ignore()
            self.files.leave(self.close_now)
            return
        self.parts.settings.remember_window(self)
        event.accept()
        self.closed.emit()

    def close_now(self) -> None:
        """Close without asking: unsaved work is saved, or given up."""
        self._may_close = True
        self.close()


def _column(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
