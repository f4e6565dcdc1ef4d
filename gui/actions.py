"""The commands: one table of everything a person can do, which menus, buttons and the command palette read.

A command names the method that does it as "part.method"; whoever builds the window hands over the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from engine.examples import EXAMPLES
from gui import theme
from gui.widgets.icons import icon

PaletteEntry = tuple[str, QAction]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        menu: where it stands, "File" or "View/Theme"; starts_group: with a line above it.
        handler: "part.method"; `argument` is passed to it, or the checked state if `checkable`.
        keys: shortcuts, the first one is shown. tip: what it does, for tooltips and the status bar.
        choice: commands with the same choice exclude each other.
    """

    name: str
    menu: str
    text: str
    handler: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    icon: str = ""
    argument: Any = None
    checkable: bool = False
    choice: str = ""
    starts_group: bool = False


class Actions(QObject):
    """Every command as one QAction, by name.

    Attributes:
        menus: by path; some (File/Open recent) are filled further by who knows their content.

    Their icons are drawn when a menu is first opened (`dress`).
    """

    def __init__(self, window: QWidget, parts: Mapping[str, object]) -> None:
        super().__init__(window)
        self.window = window
        self.menus: dict[str, QMenu] = {}
        self._parts = parts
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._dressed = False
        self.commands = {command.name: command for command in self._table()}
        for command in self.commands.values():
            self._actions[command.name] = self._make(command)
        theme.manager().changed.connect(self._restyle)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def fill(self, bar: QMenuBar) -> None:
        """Put everything into a menu bar, in the order of the table."""
        for name, command in self.commands.items():
            menu = self._menu(bar, command.menu)
            if command.starts_group:
                menu.addSeparator()
            menu.addAction(self._actions[name])

    def for_palette(self) -> list[PaletteEntry]:
        """Every action that can be done now, with its path in the menus: “View ▸ Theme ▸ Dark”."""
        entries = []
        for name, command in self.commands.items():
            action = self._actions[name]
            if action.isEnabled():
                where = command.menu.replace("/", " ▸ ")
                entries.append((f"{where} ▸ {plain(action.text())}", action))
        return entries

    def set_icon(self, name: str, icon_name: str) -> None:
        """Show a command with another icon."""
        self._actions[name].setProperty("icon_name", icon_name)
        if self._dressed:
            self._actions[name].setIcon(icon(icon_name))

    def dress(self) -> None:
        """Draw the icons, if they are not there yet: a menu is about to be seen."""
        if not self._dressed:
            self._dressed = True
            self._restyle()

    def _make(self, command: Command) -> QAction:
        action = QAction(command.text, self.window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setToolTip(command.tip or plain(command.text))
        action.setStatusTip(command.tip)
        action.setCheckable(command.checkable or bool(command.choice))
        if command.icon:
            action.setProperty("icon_name", command.icon)
        if command.choice:
            group = self._groups.setdefault(command.choice, QActionGroup(self.window))
            group.addAction(action)
        self._connect(action, command)
        self.window.addAction(action)
        return action

    def _connect(self, action: QAction, command: Command) -> None:
        part, _, method = command.handler.partition(".")
        handler: Callable[..., object] = getattr(self._parts[part], method)
        if command.argument is not None:
            action.triggered.connect(lambda: handler(command.argument))
        elif command.checkable:
            action.triggered.connect(lambda on: handler(bool(on)))
        else:
            action.triggered.connect(lambda: handler())

    def _menu(self, bar: QMenuBar, path: str) -> QMenu:
        if path not in self.menus:
            above, _, title = path.rpartition("/")
            place: QMenuBar | QMenu = self._menu(bar, above) if above else bar
            self.menus[path] = place.addMenu(title if above else f"&{title}")
            self.menus[path].setToolTipsVisible(False)
            self.menus[path].aboutToShow.connect(self.dress)
        return self.menus[path]

    def _restyle(self) -> None:
        if not self._dressed:
            return
        for action in self._actions.values():
            if name := action.property("icon_name"):
                action.setIcon(icon(name))

    def _table(self) -> tuple[Command, ...]:
        return (*self._file(), *self._edit(), *self._view(), *self._train(), *self._help())

    def _file(self) -> tuple[Command, ...]:
        tr, menu, examples = self.tr, self.tr("File"), self.tr("File/Open example")
        return (
            Command("file.new", menu, tr("New empty project"), "files.new_project", ("Ctrl+N",),
                    tr("An empty canvas, to build a network from nothing"), "new"),
            Command("file.open", menu, tr("Open …"), "files.ask_open", ("Ctrl+O",),
                    tr("Open a project or a data file"), "open"),
            *(
                Command(f"file.example.{name}", examples, entry.title, "files.open_example",
                        tip=entry.about, argument=name)
                for name, entry in EXAMPLES.items()
            ),
            Command("file.forget", self.tr("File/Open recent"), tr("Forget recent files"),
                    "settings.clear_recent"),
            Command("file.save", menu, tr("Save"), "files.save", ("Ctrl+S",),
                    tr("Save the project with everything learned"), "save", starts_group=True),
            Command("file.save_as", menu, tr("Save as …"), "files.ask_save_as", ("Ctrl+Shift+S",),
                    tr("Save the project under another name")),
            Command("file.quit", menu, tr("Quit"), "window.close", ("Ctrl+Q",), starts_group=True),
        )  # fmt: skip

    def _edit(self) -> tuple[Command, ...]:
        tr, menu = self.tr, self.tr("Edit")
        return (
            Command("edit.undo", menu, tr("Undo"), "undo.undo", ("Ctrl+Z",), icon="undo"),
            Command("edit.redo", menu, tr("Redo"), "undo.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo"),
            Command("edit.add_layer", menu, tr("Add a layer"), "editing.add_layer", ("Ctrl+L",),
                    tr("Add a layer like its neighbor behind the selected one, or before the output"),
                    "plus",
                    starts_group=True),
            Command("edit.residual", menu, tr("Insert a residual block"), "editing.add_residual_block",
                    tip=tr("Into the selected wire, behind the selected layer, or before the output")),
            Command("edit.part_activation", menu, tr("Take the activation out"), "editing.part_activation",
                    tip=tr("Make the selected layer’s activation a layer of its own, behind it")),
            Command("edit.absorb_activation", menu, tr("Move the activation into the neurons"),
                    "editing.absorb_activation",
                    tip=tr("Take the selected activation layer into the neurons that feed it")),
            Command("edit.wire", menu, tr("Wire to another layer"), "canvas.begin_wire", ("W",),
                    tr("Wire from the selected layer: arrows choose the other one, Enter connects")),
            Command("edit.delete", menu, tr("Delete"), "editing.delete_selected", ("Del", "Backspace"),
                    tr("Delete the selected layers, wires or neurons"), "delete"),
            Command("edit.cut", menu, tr("Cut"), "arranging.cut", ("Ctrl+X",),
                    tr("Take the selected layers out, as text on the clipboard"), starts_group=True),
            Command("edit.copy", menu, tr("Copy"), "arranging.copy", ("Ctrl+C",),
                    tr("Copy the selected layers, as text that can be pasted into a mail"), "copy"),
            Command("edit.paste", menu, tr("Paste"), "arranging.paste", ("Ctrl+V",),
                    tr("Put copied layers under the mouse")),
            Command("edit.duplicate", menu, tr("Duplicate"), "arranging.duplicate", ("Ctrl+D",),
                    tr("The selected layers once more")),
            Command("edit.tidy", menu, tr("Tidy up"), "arranging.tidy", ("Ctrl+T",),
                    tr("Lay all layers out from left to right")),
            Command("edit.find", menu, tr("Find a layer …"), "find.open", ("Ctrl+F",),
                    tr("Go to a layer by its name"), "search"),
            Command("edit.next_fault", menu, tr("Next fault"), "canvas.next_fault", ("F8",),
                    tr("Go to the next place where something is wrong, and to its repair")),
            Command("edit.copy_png", menu, tr("Copy picture as PNG"), "arranging.copy_png",
                    ("Ctrl+Shift+C",), tr("Put what the canvas shows on the clipboard"), starts_group=True),
            Command("edit.copy_svg", menu, tr("Copy picture as SVG …"), "arranging.ask_svg",
                    tip=tr("Write what the canvas shows into an SVG file")),
            Command("edit.select_all", menu, tr("Select all"), "arranging.select_all", ("Ctrl+A",),
                    starts_group=True),
            *self._by_hand(),
            Command("edit.deselect", menu, tr("Select nothing"), "selection.clear", ("Ctrl+Shift+A",),
                    tr("Select nothing, so that the inspector shows learning")),
        )  # fmt: skip

    def _by_hand(self) -> tuple[Command, ...]:
        tr, menu = self.tr, self.tr("Edit/By hand")
        return (
            Command("edit.set_value", menu, tr("Type the value …"), "byhand.type_value",
                    tip=tr("Set the selected weight, or ask what if the selected neuron were …")),
            Command("edit.prune", menu, tr("Prune"), "marking.prune",
                    tip=tr("Take the selected synapses away"), starts_group=True),
            Command("edit.restore", menu, tr("Restore"), "marking.restore",
                    tip=tr("Bring pruned synapses back")),
            Command("edit.freeze", menu, tr("Freeze"), "marking.freeze",
                    tip=tr("Keep the selected synapses, neurons or layers as they are"), starts_group=True),
            Command("edit.unfreeze", menu, tr("Let it learn again"), "marking.unfreeze",
                    tip=tr("What is frozen and selected learns again")),
            Command("edit.toggle_frozen", menu, tr("Freeze, or let learn again"), "marking.toggle_frozen",
                    ("L",)),
            Command("edit.clamp.0", menu, tr("What if it were 0?"), "byhand.clamp", argument=0.0,
                    tip=tr("Hold the selected neuron at 0 in the picture; training does not notice"),
                    starts_group=True),
            Command("edit.clamp.1", menu, tr("What if it were 1?"), "byhand.clamp", argument=1.0,
                    tip=tr("Hold the selected neuron at 1 in the picture; training does not notice")),
            Command("edit.unclamp", menu, tr("Release what is held"), "byhand.unclamp",
                    tip=tr("The selected neurons, or all, are what the network makes of them")),
        )  # fmt: skip

    def _view(self) -> tuple[Command, ...]:
        tr, menu = self.tr, self.tr("View")
        looks, faces, sizes = self.tr("View/Theme"), self.tr("View/Neurons show"), self.tr("View/Text size")
        return (
            Command("view.fit", menu, tr("Fit"), "canvas.fit", ("F", "Ctrl+0"),
                    tr("Show the whole network"), "fit"),
            Command("view.zoom_in", menu, tr("Zoom in"), "canvas.zoom_in", ("Ctrl++", "Ctrl+=")),
            Command("view.zoom_out", menu, tr("Zoom out"), "canvas.zoom_out", ("Ctrl+-",)),
            Command("view.zoom_selection", menu, tr("Zoom to selection"), "canvas.zoom_to_selection", ("Z",)),
            Command("view.fold", menu, tr("Fold or unfold"), "canvas.toggle_fold", ("U",),
                    tr("Show every neuron of the selected layer, or its first and last ones")),
            Command("view.next", menu, tr("Next example"), "browser.move", ("PgDown",),
                    tr("Show the next example"), "next", argument=1, starts_group=True),
            Command("view.previous", menu, tr("Previous example"), "browser.move", ("PgUp",),
                    tr("Show the previous example"), "previous", argument=-1),
            Command("view.random", menu, tr("Random example"), "browser.random", ("R",),
                    tr("Show any other example"), "random"),
            Command("view.waves", menu, tr("Waves"), "look.set_waves", ("Ctrl+W",),
                    tr("Show passes forward and back as waves while it trains"), checkable=True,
                    starts_group=True),
            Command("view.forward", menu, tr("Show a forward pass"), "canvas.play_forward_wave",
                    tip=tr("Send the example on show through the network once"), icon="forward"),
            Command("view.backward", menu, tr("Show a whole pass"), "canvas.play_backward_wave",
                    tip=tr("Forward, the loss, back again, and the update: of the example on show")),
            Command("view.face.activation", faces, tr("Activation"), "look.set_neuron_face",
                    argument="activation", choice="face"),
            Command("view.face.weights", faces, tr("Weights as a picture"), "look.set_neuron_face",
                    argument="weights", choice="face"),
            Command("view.face.bias", faces, tr("Bias"), "look.set_neuron_face",
                    argument="bias", choice="face"),
            Command("view.face.gradient", faces, tr("Gradient δ"), "look.set_neuron_face",
                    argument="gradient", choice="face"),
            Command("view.drawer", menu, tr("Charts"), "look.set_drawer", ("F9",),
                    tr("Large charts of loss and accuracy"), "charts", checkable=True, starts_group=True),
            *(
                Command(f"view.theme.{name}", looks, text, "look.set_theme", argument=name, choice="theme")
                for name, text in self._looks()
            ),
            *(
                Command(f"view.text.{percent}", sizes, f"{percent}%", "look.set_text_scale",
                        argument=percent / 100, choice="text")
                for percent in (85, 100, 125, 150, 200)
            ),
            Command("view.motion", menu, tr("Reduce motion"), "look.set_reduce_motion",
                    tip=tr("Highlights instead of sweeps"), checkable=True),
            Command("view.present", menu, tr("Presentation"), "look.set_presentation", ("F11",),
                    tr("Canvas and transport only, with larger text"), "present", checkable=True),
        )  # fmt: skip

    def _looks(self) -> tuple[tuple[str, str], ...]:
        return ("system", self.tr("As the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))

    def _train(self) -> tuple[Command, ...]:
        tr, menu, kinds = self.tr, self.tr("Train"), self.tr("Train/The step button does")
        return (
            Command("train.play", menu, tr("Play"), "training.toggle", ("Space",),
                    tr("Train until you pause"), "play"),
            Command("train.step", menu, tr("Step"), "training.step", (".",),
                    tr("Do one step, of the kind chosen beside it"), "step"),
            *(
                Command(f"train.kind.{kind}", kinds, text, "training.set_step_kind",
                        tip=tip, argument=kind, choice="kind")
                for kind, text, tip in (
                    ("phase", tr("One phase"), tr("Forward, loss, backward, average or update")),
                    ("batch", tr("One batch"), tr("A whole training step")),
                    ("epoch", tr("One epoch"), tr("Every training example once")),
                )
            ),
            Command("train.phase", menu, tr("Step a phase"), "training.phase", ("Ctrl+.",),
                    starts_group=True),
            Command("train.batch", menu, tr("Step a batch"), "training.batch", ("Ctrl+B",)),
            Command("train.epoch", menu, tr("Step an epoch"), "training.epoch", ("Ctrl+E",)),
            Command("train.faster", menu, tr("Faster"), "training.faster", (">", "Ctrl+Up"),
                    starts_group=True),
            Command("train.slower", menu, tr("Slower"), "training.slower", ("<", "Ctrl+Down")),
            Command("train.reset", menu, tr("Reset"), "training.reset", ("Ctrl+R",),
                    tr("Back to the same initial weights"), "reset", starts_group=True),
        )  # fmt: skip

    def _help(self) -> tuple[Command, ...]:
        tr, menu = self.tr, self.tr("Help")
        return (
            Command("help.commands", menu, tr("Find a command …"), "help.find_command",
                    ("Ctrl+Shift+P",),
                    tr("Search everything that can be done"), "search"),
            Command("help.shortcuts", menu, tr("Shortcuts and gestures"), "help.show_shortcuts", ("F1",)),
            Command("help.about", menu, tr("About Synapscope"), "help.show_about", starts_group=True),
        )  # fmt: skip


def plain(text: str) -> str:
    """A command's text without mnemonic and dots."""
    return text.replace("&", "").removesuffix("…").strip()
