"""Tables with named columns, drawn from a known law, so that what is learned can be compared with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.datasets.base import DataSet, Raw, Request, dataset
from engine.fields import setting

# The law: price in 100,000 = 0.5 + the sum of these rates times the features, plus noise.
RATES = {"size in m²": 0.03, "rooms": 0.15, "age in years": -0.01, "distance in km": -0.04}
INTERCEPT = 0.5


@dataset
@dataclass(frozen=True, kw_only=True)
class Linear(DataSet):
    """Prices of flats: linear in four features, plus normal noise. Size and rooms go together, as in life."""

    kind = "linear"
    label = "Flat prices"
    summary = "Four features and a price that depends on them linearly."

    samples: int = setting(250, label="Flats", minimum=2, maximum=1_000_000, help="How many are drawn.")
    noise: float = setting(
        0.2, label="Noise", minimum=0.0, maximum=100.0, step=0.05, help="Standard deviation of the price."
    )

    def raw(self, request: Request) -> Raw:
        rng, n = request.rng(), self.samples
        size = rng.uniform(25, 150, n)
        rooms = np.clip(np.round(size / 28 + rng.normal(0, 1, n)), 1, 7)
        flats = np.column_stack([size, rooms, rng.uniform(0, 100, n), rng.uniform(0, 20, n)])
        price = INTERCEPT + flats @ np.array(list(RATES.values())) + rng.normal(0, 1, n) * self.noise
        return Raw(
            title=self.label,
            inputs=flats,
            feature_names=tuple(RATES),
            values=price[:, None],
            target_names=("price in 100,000",),
        )
