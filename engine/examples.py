"""The example projects, each built by a small function, and a sensible project for anybody's data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.datasets.base import Data
from engine.design import DataConfig, NetworkDesign, Project, TrainingConfig, chain
from engine.losses import BinaryCrossEntropy, Loss, Quadratic, SoftmaxCrossEntropy
from engine.optimizers.adaptive import Adam
from engine.optimizers.descent import SGD
from engine.registry import Registry

DEFAULT_EXAMPLE = "mnist-16-16"
PIXELS = (784,)  # a dense layer takes a flat list; that it is a picture of 28 × 28 is known to the data


Parts = tuple[NetworkDesign, TrainingConfig, DataConfig]


@dataclass(frozen=True, slots=True)
class Example:
    """One example project: its name, what it is, and for how many epochs a headless run trains it."""

    name: str
    title: str
    about: str
    epochs: int
    parts: Callable[[], Parts]

    def project(self) -> Project:
        """The project, untrained."""
        design, training, data = self.parts()
        return Project(
            name=self.name, title=self.title, about=self.about, design=design, training=training, data=data
        )


EXAMPLES: Registry[Example] = Registry("example")


def example(
    name: str, title: str, about: str, epochs: int
) -> Callable[[Callable[[], Parts]], Callable[[], Parts]]:
    """Function decorator: put an example into the registry."""

    def register(parts: Callable[[], Parts]) -> Callable[[], Parts]:
        EXAMPLES.register(name, Example(name, title, about, epochs, parts))
        return parts

    return register


def example_project(name: str) -> Project:
    """The example with this name (UnknownNameError, which lists the known ones)."""
    return EXAMPLES[name].project()


def empty_project() -> Project:
    """A canvas without a layer, on data that the smallest network can learn."""
    return Project(
        name="untitled",
        title="Untitled",
        training=TrainingConfig(loss=BinaryCrossEntropy(), optimizer=Adam(learning_rate=0.01), batch_size=10),
        data=DataConfig(name="gauss"),
    )


@example(
    "mnist-16-16",
    "Handwritten digits",
    "Two small hidden layers learn to read digits: the network of the video “But what is a neural network?”.",
    10,
)
def _mnist() -> Parts:
    relu = {"activation": "relu", "weight_init": "he_normal"}
    last = {"activation": "identity", "weight_init": "he_normal"}
    return (
        chain(PIXELS, (16, relu), (16, relu), (10, last)),
        TrainingConfig(loss=SoftmaxCrossEntropy(), optimizer=SGD(learning_rate=0.1), batch_size=32),
        DataConfig(name="mnist"),
    )


@example(
    "nielsen-30",
    "Nielsen's network",
    "The first network of Nielsen's book: thirty sigmoid neurons, quadratic cost, learning rate 3.",
    30,
)
def _nielsen() -> Parts:
    fields = {"activation": "sigmoid", "weight_init": "normal", "bias_init": "normal"}
    return (
        chain(PIXELS, (30, fields), (10, fields)),
        # From about one start in ten an output is driven so far down that it never learns its digit: with
        # these weights and this rate that is so in Nielsen's own algorithm too.
        TrainingConfig(loss=Quadratic(), optimizer=SGD(learning_rate=3.0), batch_size=10),
        DataConfig(
            name="mnist"
        ),  # all 60,000: nothing here needs the 10,000 that Nielsen keeps for validation
    )


@example(
    "go-200",
    "Neural network from the Go tutorial",
    "Two hundred sigmoid neurons without bias, trained one example at a time.",
    5,
)
def _go() -> Parts:
    fields = {"activation": "sigmoid", "bias": False, "weight_init": "uniform_fan_in"}
    return (
        chain(PIXELS, (200, fields), (10, fields)),
        TrainingConfig(loss=Quadratic(), optimizer=SGD(learning_rate=0.1), batch_size=1),
        DataConfig(name="mnist", input_range=(0.01, 1.0), target_range=(0.01, 0.99)),
    )


@example(
    "xor",
    "Exclusive or",
    "Two hidden neurons draw the two lines that one neuron alone cannot.",
    500,
)
def _xor() -> Parts:
    # With tanh about one start in ten ends on a plateau where two points share one answer; with SiLU each of
    # 320 starts tried has solved it.
    hidden = {"activation": "silu", "weight_init": "xavier_normal"}
    last = {"activation": "identity", "weight_init": "xavier_normal"}
    return (
        chain((2,), (2, hidden), (1, last)),
        TrainingConfig(loss=Quadratic(), optimizer=Adam(learning_rate=0.05), batch_size=4),
        DataConfig(name="xor", input_range=(-1.0, 1.0), target_range=(0.0, 1.0)),
    )


@example(
    "spirals",
    "Two spirals",
    "Two hidden layers untwist two arms wound around each other.",
    200,
)
def _spirals() -> Parts:
    tanh = {"activation": "tanh", "weight_init": "xavier_normal"}
    last = {"activation": "identity", "weight_init": "xavier_normal"}
    return (
        chain((2,), (16, tanh), (16, tanh), (1, last)),
        TrainingConfig(loss=BinaryCrossEntropy(), optimizer=Adam(learning_rate=0.01), batch_size=32),
        DataConfig(name="spirals", options=(("samples", 500),), target_range=(0.0, 1.0)),
    )


@example(
    "circle",
    "Circle",
    "A disc inside a ring, with the network that TensorFlow Playground starts with.",
    100,
)
def _circle() -> Parts:
    tanh = {"activation": "tanh", "weight_init": "xavier_uniform"}
    return (
        chain((2,), (4, tanh), (2, tanh), (1, tanh)),
        TrainingConfig(loss=Quadratic(), optimizer=SGD(learning_rate=0.03), batch_size=10),
        DataConfig(name="circle", test_fraction=0.5, target_range=(-1.0, 1.0)),
    )


@example(
    "linear-regression",
    "Linear regression",
    "A single neuron with identity finds the rates at which prices of flats depend on four features.",
    500,
)
def _linear_regression() -> Parts:
    fields = {"activation": "identity", "weight_init": "xavier_normal"}
    return (
        chain((4,), (1, fields)),
        # every batch holds all 200 training examples, so that descent ends at least squares, not around it
        TrainingConfig(loss=Quadratic(), optimizer=SGD(learning_rate=0.1), batch_size=200),
        DataConfig(name="linear", options=(("samples", 250),), test_fraction=0.2, standardize=True),
    )


@example(
    "by-hand",
    "A pass by hand",
    "One example through a network of three neurons, with numbers to check with pencil and paper.",
    10,
)
def _by_hand() -> Parts:
    # The worked example of many lectures (MacLeod, "The back propagation algorithm", example 3.1):
    # (0.35, 0.9) with target 0.5 gives hidden activations 0.68 and 0.6637, output 0.69. Biases start at 0.
    hidden = {"activation": "sigmoid", "initial": (0.0, 0.1, 0.8, 0.0, 0.4, 0.6)}
    last = {"activation": "sigmoid", "initial": (0.0, 0.3, 0.9)}
    return (
        chain((2,), (2, hidden), (1, last)),
        TrainingConfig(loss=Quadratic(), optimizer=SGD(learning_rate=1.0), batch_size=1),
        DataConfig(name="single", options=(("example", "by-hand"),)),
    )


@example(
    "chain",
    "A chain of neurons",
    "Three neurons in a row: the chain rule with nothing else in the way.",
    100,
)
def _chain() -> Parts:
    # As in the video “Backpropagation calculus”: the last two activations are 0.48 and 0.66, the target is 1.
    layers = [
        {"activation": "sigmoid", "initial": initial} for initial in ((0.0, 0.2), (-0.5, 0.8), (-0.06, 1.5))
    ]
    return (
        chain((1,), *((1, fields) for fields in layers)),
        TrainingConfig(loss=Quadratic(), optimizer=SGD(learning_rate=1.0), batch_size=1),
        DataConfig(name="single", options=(("example", "chain"),)),
    )


def project_for(data: Data) -> Project:
    """A project to start with for any data: one hidden layer, or two for pictures, trained by Adam."""
    units = (32, 16) if data.image_shape or data.features > 50 else (8,)
    hidden = {"activation": "relu", "weight_init": "he_normal"}
    last = {"activation": "identity", "weight_init": "xavier_normal"}
    layers = [*((count, hidden) for count in units), (data.outputs, last)]
    training = TrainingConfig(
        loss=LOSS_OF_TASK[data.task](),
        optimizer=Adam(learning_rate=0.005),
        batch_size=max(1, min(32, len(data.train))),
    )
    return Project(
        name=data.title,
        title=data.title,
        design=chain((data.features,), *layers),
        training=training,
        data=data.config,
    )


LOSS_OF_TASK: dict[str, type[Loss]] = {
    "classes": SoftmaxCrossEntropy,
    "binary": BinaryCrossEntropy,
    "regression": Quadratic,
}
