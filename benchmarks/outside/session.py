"""A session, from an empty canvas to a trained network and back, by mouse and keyboard from outside.

A person drags four layers from the palette, wires them, sets activations, chooses data, plays, puts a layer
and neurons in while it learns, and undoes everything. What came of it is read from the picture and from the
project files that the person saves.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.outside import eyes
from benchmarks.outside.display import Display, Picture
from benchmarks.outside.eyes import Box
from benchmarks.outside.hand import Hand, Point
from benchmarks.reducing import reduce
from engine.datasets import load_data
from engine.design import Wire, units_of
from engine.files import LoadedProject, load_project
from engine.layers.weighted import Weighted
from engine.network import compile_network

ROOT = Path(__file__).resolve().parents[2]
TRAINED = 0.95
NEURONS = 18  # of the layer that is put in; it comes with 16
PATIENCE = 30.0  # seconds for what takes no time on an idle machine
START = 90.0  # seconds for what takes two

# The window's fixed places, at its first size.
LAYERS_BUTTON, SEARCH = (31, 96), (180, 122)
CARD_ICONS = Box(268, 140, 296, 760)
CARDS = Box(66, 140, 296, 700)
FLYOUT_RIGHT = 305
CANVAS = Box(FLYOUT_RIGHT, 64, 984, 706)
INSPECTOR_X = 1115  # a vertical line through the fields of a layer's page, left of their words
PAGE_TOP = 300  # above it a layer's page has fields, and the learning page its charts
MARKS = Box(1110, 145, 1206, 158)  # where the loss chart writes what was edited; the loss is lower by then

PLACES: dict[str, Point] = {
    "dense-1": (800, 414),
    "dense-2": (650, 414),
    "dense-3": (505, 414),
    "input-1": (370, 414),
}
"""Where layers are dropped: from right to left, so that none is joined with the one before by itself."""
ORDER = ("input-1", "dense-3", "dense-2", "dense-1")
TITLES_Y = 105  # of the three dense layers there
IN_A_WIRE = (598, 400)  # between the first and the second hidden layer, tidied up, beside the palette
NOWHERE = (925, 110)  # a place where nothing is


@dataclass
class Report:
    """What the session has come to."""

    accuracy: float = 0.0
    steps: int = 0
    after_insertion: float = 0.0
    undone: int = 0
    seconds: float = 0.0
    checks: list[str] = field(default_factory=list)


class Session:
    """One person's session; every step checks what it has done, and raises AssertionError or TimeoutError."""

    def __init__(self, display: Display, shots: Path | None = None) -> None:
        self.display = display
        self.hand = Hand(display)
        self.report = Report()
        self._shots = shots
        self._file = display.home / "session.synapscope"
        self._started = time.monotonic()

    def run(self) -> Report:
        """All of it."""
        self.open()
        self.drag_layers()
        self.wire()
        self.choose_data()
        self.set_activations()
        self.train()
        self.edit_while_it_plays()
        self.undo_everything()
        self.report.seconds = time.monotonic() - self._started
        return self.report

    # -- the steps

    def open(self) -> None:
        """Start the program, and begin with an empty canvas."""
        self._program = self.display.start(sys.executable, str(ROOT / "main.py"))
        self.until("a window", lambda: self.hand.sees_window("Synapscope"), START)
        self.until("a picture in it", lambda: eyes.ink(self.look(), CANVAS) > 2000, START)
        self.hand.key("ctrl+n")
        self.until("the canvas is empty", lambda: eyes.ink(self.look(), Box(560, 90, 984, 330)) == 0)
        self.hand.click(LAYERS_BUTTON)
        self.until("the palette is open", self._card)
        self.shoot("1-empty")
        project = self.saved().project
        assert project.design.layers == ()
        self._first_data = project.data
        self.done("an empty canvas")

    def drag_layers(self) -> None:
        """Drag four layers onto it, from right to left."""
        for name, place in PLACES.items():
            kind = name.partition("-")[0]
            shot = "2-dragging" if name == "dense-2" else ""
            self.drag_card(kind, place, shot)
            self.until("it is dropped", self._is_still)
        design = self.saved().project.design
        assert {spec.id for spec in design.layers} == set(PLACES), design.layers
        assert not design.wires, design.wires
        self.done("four layers dragged from the palette, joined with nothing")

    def wire(self) -> None:
        """Twice from port to port with the mouse, once with the keyboard."""
        for source, target in (ORDER[:2], ORDER[1:3]):
            self.draw_wire(source, target)
        self.select(ORDER[2])
        self.hand.key("w", "Return")
        wanted = {Wire(a, b) for a, b in pairwise(ORDER)}
        self.until("three wires", lambda: set(self.saved().project.design.wires) == wanted)
        self.shoot("3-wired", 7.0)
        self.done("wired: two from port to port, one by keyboard")

    def choose_data(self) -> None:
        """Drag the data set onto the canvas: it gives the output one neuron."""
        self.drag_card("circle", (880, 560))
        self.until("they are dropped", self._is_still)
        self.until("the data is circle", lambda: self.saved().project.data.name == "circle")
        sizes = {spec.id: len(units_of(spec)) for spec in self.saved().project.design.layers}
        assert [sizes[name] for name in ORDER] == [2, 8, 8, 1], sizes
        self.done("data: circle; 2-8-8-1")

    def set_activations(self) -> None:
        """In the inspector: tanh twice, and nothing at the output, to which the loss applies sigmoid."""
        wanted = dict(zip(ORDER[1:], ("tanh", "tanh", "identity"), strict=True))
        for name, activation in wanted.items():
            self.select(name)
            self.hand.click(self._field(1))
            time.sleep(0.3)
            self.hand.type(activation[0])
            self.hand.key("Return")
        self.until("the activations", lambda: self._activations() == wanted)
        self.hand.click(LAYERS_BUTTON)  # close the palette
        self.hand.click(NOWHERE)
        self.hand.key("Escape", "ctrl+t")
        self.done("activations: tanh, tanh, identity")

    def train(self) -> None:
        """Play at full speed until more than 95% are right."""
        self.hand.key(*["ctrl+Up"] * 7, "space")

        def learned() -> bool:
            time.sleep(0.5)
            self.report.accuracy = accuracy(self.saved())
            return self.report.accuracy > TRAINED

        self.until("more than 95% on circle", learned, 60.0)
        self.report.steps = self.steps()
        self.shoot("4-trained", 7.0)
        self.done(f"{self.report.accuracy:.1%} of the test examples after {self.report.steps:,} steps")

    def edit_while_it_plays(self) -> None:
        """A layer into a wire, and neurons, without a pause; the chart marks the moment."""
        before = eyes.ink(self.look(), MARKS)
        self.hand.click(LAYERS_BUTTON)
        self.until("the palette is open", self._card)
        self.drag_card("dense", IN_A_WIRE, "5-inserting")
        step = self.steps()
        added = self.until("a fourth layer", self._new_layer)
        assert set(self.saved().project.design.wires) >= {Wire(ORDER[1], added), Wire(added, ORDER[2])}
        self.hand.click(self._field(0))
        self.hand.key("ctrl+a")
        self.hand.type(str(NEURONS))
        self.hand.key("Return")
        self.until("more neurons", lambda: self._units(added) == NEURONS)
        self.hand.click(LAYERS_BUTTON)
        self.hand.click(NOWHERE)
        self.hand.key("Escape")
        self.until("it goes on learning", lambda: self.steps() > step)
        self.until("the chart marks the moment", lambda: eyes.ink(self.look(), MARKS) > before)
        self.until("it learns again", self._relearned, 60.0)
        self.shoot("6-edited", 7.0)
        self.hand.key("space")
        self.done(f"a layer and neurons added during play; then {self.report.after_insertion:.1%}")

    def undo_everything(self) -> None:
        """Ctrl+Z until the canvas is empty again."""

        def undone() -> bool:
            self.hand.key(*["ctrl+z"] * 3)
            self.report.undone += 3
            return self.saved().project.design.layers == ()

        self.until("everything is undone", undone, 40.0)
        self.until("the picture is empty", lambda: eyes.ink(self.look(), Box(100, 140, 984, 330)) == 0)
        self.shoot("7-undone", 7.0)
        project = self.saved().project
        assert (project.design.wires, project.positions, project.data) == ((), (), self._first_data)
        self.done("undone to the empty canvas")

    # -- the person

    def drag_card(self, word: str, place: Point, shot: str = "") -> None:
        """Search the palette for a word, and drag the first card that is found to a place."""
        self.hand.click(SEARCH)
        self.hand.key("ctrl+a")
        self.hand.type("zz")  # so that no card of an earlier search is taken for the wanted one
        self.until("no card", lambda: self._card() is None)
        self.hand.key("ctrl+a")
        self.hand.type(word)
        self.until("cards", lambda: self._card() and self._is_still(CARDS))
        card = self.until(f"a card for {word}", self._card)
        x, y = place
        edge = Box(x - 31, y - 34, x - 17, y + 34)  # the left one of a layer's ghost, if smaller
        words = Box(x - 60, y + 14, x + 60, y + 46)  # all that data have
        wanted = words if word == "circle" else edge

        def ghost() -> None:
            self.until("a ghost", lambda: self._sees_accent(wanted))
            if shot:
                self.shoot(shot)

        self.hand.drag((150, card.center[1] + 14), place, ghost)

    def draw_wire(self, source: str, target: str) -> None:
        """From port to port."""
        start, end = self._port(source, -1), self._port(target, 0)
        between = Box(start[0] + 8, 200, end[0] - 8, 620)
        self.hand.drag(start, end, lambda: self.until("a line", lambda: self._sees_accent(between)))

    def select(self, layer: str) -> None:
        """Click on a layer's title; its page opens."""
        self.hand.click((PLACES[layer][0], TITLES_Y))
        self.until(f"the page of {layer}", lambda: self._fields() and self._is_still())

    def saved(self) -> LoadedProject:
        """Save, and read the file; the first time with a name."""
        before = self._file.stat().st_mtime_ns if self._file.exists() else 0
        self.hand.key("ctrl+s")
        if not before:
            self.until("a dialog", lambda: self.hand.sees_window("Save as"))
            self.hand.key("ctrl+a")
            self.hand.type(str(self._file))
            self.hand.key("Return")
        self.until("the file", lambda: self._file.exists() and self._file.stat().st_mtime_ns != before)
        return load_project(self._file)

    def look(self) -> Picture:
        """What is on the screen."""
        return self.display.look()

    def until(self, what: str, condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait until something is so, and give back what was found."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._program.poll() is None:
            if found := condition():
                return found
            time.sleep(0.1)
        self.shoot("failed")
        raise TimeoutError(f"{what}: not within {seconds:.0f} s. {self.display.said()}")

    def shoot(self, name: str, after: float = 0.0) -> None:
        """Keep a picture, if pictures are wanted, after some seconds in which charts follow and toasts go."""
        if self._shots is not None:
            time.sleep(after)
            save_picture(self.look(), self._shots / f"session-{name}.png")

    def done(self, what: str) -> None:
        """Note what holds."""
        self.report.checks.append(f"{time.monotonic() - self._started:5.1f} s  {what}")

    # -- what can be seen, and read from files

    def _card(self) -> Box | None:
        return next(iter(sorted(eyes.spots(self.look(), CARD_ICONS, eyes.ACCENT), key=lambda b: b.top)), None)

    def _port(self, layer: str, which: int) -> Point:
        x, y = PLACES[layer]
        self.hand.move((x, y))
        around = Box(x - 70, y - 60, x + 70, y + 60)
        wanted = 1 if layer == ORDER[0] else 2
        rings = self.until(
            f"the ports of {layer}", lambda: len(found := eyes.rings(self.look(), around)) == wanted and found
        )
        return rings[which].center

    def _sees_accent(self, box: Box) -> bool:
        return bool(eyes.near(box.of(self.look()), eyes.ACCENT, within=90).sum() > 40)

    def _is_still(self, box: Box = CANVAS) -> bool:
        before = box.of(self.look())
        time.sleep(0.2)
        return bool((before == box.of(self.look())).all())

    def _fields(self) -> list[Point]:
        return eyes.fields(self.look(), INSPECTOR_X, 70, PAGE_TOP)

    def _field(self, number: int) -> Point:
        return self.until("a field", lambda: (found := self._fields())[number:] and found)[number]

    def _activations(self) -> dict[str, str]:
        design = self.saved().project.design
        return {spec.id: spec.activation for spec in design.layers if isinstance(spec, Weighted)}

    def _units(self, layer: str) -> int:
        return len(units_of(self.saved().project.design.layer(layer)))

    def _new_layer(self) -> str:
        return next((s.id for s in self.saved().project.design.layers if s.id not in PLACES), "")

    def steps(self) -> int:
        """How many steps the saved network has learned."""
        checkpoint = self.saved().checkpoint
        return 0 if checkpoint is None else checkpoint.step

    def _relearned(self) -> bool:
        time.sleep(0.5)
        self.report.after_insertion = accuracy(self.saved())
        return self.report.after_insertion > TRAINED


def accuracy(loaded: LoadedProject) -> float:
    """The share of test examples that a saved network gets right, computed anew."""
    project, checkpoint = loaded.project, loaded.checkpoint
    if checkpoint is None:
        return 0.0
    data = load_data(project.data)
    network = compile_network(project.design, project.training.loss, parameters=checkpoint.parameters)
    said = network.predict(data.test.inputs)[:, 0] > data.threshold
    return float(np.mean(said == (data.test.targets[:, 0] > data.threshold)))


def save_picture(picture: Picture, path: Path) -> None:
    """Write a PNG; a large one with fewer colors, where Pillow is there to choose them."""
    from PySide6.QtGui import QImage

    height, width, _ = picture.shape
    image = QImage(np.ascontiguousarray(picture).data, width, height, 3 * width, QImage.Format.Format_RGB888)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(path), "PNG", 0):
        raise OSError(f"{path} could not be written.")
    if importlib.util.find_spec("PIL") is not None:
        reduce(path)
