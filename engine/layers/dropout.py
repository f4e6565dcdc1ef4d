"""Dropout: in training, every value is set to 0 with some probability, and the others are scaled up."""

from __future__ import annotations

from dataclasses import dataclass

from numpy import less, multiply

from engine.fields import setting
from engine.layers.base import LayerSpec, Pass, Shape, Site, layer


@layer
@dataclass(frozen=True, kw_only=True)
class Dropout(LayerSpec):
    """a = x · m / (1 − p) with m = 0 with probability p, else 1; the identity when not training.

    Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", in the
    inverted form, which needs no scaling at rest.
    """

    kind = "dropout"
    label = "Dropout"
    summary = "Switches values off at random while training."
    category = "Regularization"

    rate: float = setting(
        0.5,
        label="Rate",
        minimum=0.0,
        below=1.0,
        step=0.05,
        help="The probability with which a value is switched off in training.",
    )

    def output_shape(self, shapes: tuple[Shape, ...]) -> Shape:
        return shapes[0]

    def is_identity(self, training: bool) -> bool:
        return not training or self.rate == 0

    def nonnegative(self, sources: tuple[bool, ...]) -> bool:
        return all(sources)

    def bind(self, site: Site) -> Pass:
        x, a, delta, back, rng = (
            site.sources[0],
            site.output.features,
            site.output.delta,
            site.back(),
            site.rng,
        )
        mask = site.buffer(*a.shape)
        keep, scale = site.number(1 - self.rate), site.number(1 / (1 - self.rate))

        def forward() -> None:
            rng.random(dtype=mask.dtype.type, out=mask)  # m = 1 with probability 1 − p
            less(mask, keep, mask)
            multiply(mask, scale, mask)
            multiply(x.features, mask, a)  # a = x · m / (1 − p)

        def backward() -> None:
            if back is not None:
                multiply(delta, mask, back)

        return Pass(forward, backward)
