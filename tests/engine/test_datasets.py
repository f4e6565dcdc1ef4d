"""Data sets give rows that are ready to train, prepared as asked for, always the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.datasets import DATASETS, Cancelled, Data, DataError, load_data
from engine.design import DataConfig
from engine.fields import settings_of

DRAWN = [name for name, cls in DATASETS.items() if not cls.from_file and name != "mnist"]


@pytest.fixture(scope="module")
def digits() -> Data:
    return load_data(DataConfig(name="mnist"))


def check(data: Data) -> None:
    """What holds for every data set."""
    for split in (data.train, data.test):
        assert split.rows.dtype == split.targets.dtype == np.float32
        assert split.rows.shape == (len(split), 1 + data.features)
        assert split.targets.shape == (len(split), data.outputs)
        assert (split.rows[:, 0] == 1).all()
        assert split.inputs.base is split.rows
        assert np.isfinite(split.rows).all()
        assert np.isfinite(split.targets).all()
        assert not split.rows.flags.writeable
        assert (split.labels is None) == (data.task == "regression")
        if len(split):
            assert data.describe(split, len(split) - 1)
    low, high = data.input_range
    # float32 rounds to nearest, perhaps just beyond the end
    assert low - 1e-6 <= data.train.inputs.min() <= data.train.inputs.max() <= high + 1e-6
    assert len(data.class_names) == (0 if data.task == "regression" else max(2, data.outputs))


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_data_are_whole_and_repeat_for_a_seed(name: str) -> None:
    data, again, other = (load_data(DataConfig(name=name, seed=seed)) for seed in (1, 1, 2))
    check(data)
    np.testing.assert_array_equal(data.train.rows, again.train.rows)
    np.testing.assert_array_equal(data.test.targets, again.test.targets)
    if name not in ("xor", "single"):
        assert not np.array_equal(data.train.rows, other.train.rows)


@pytest.mark.parametrize("name", DRAWN)
def test_every_option_can_be_set_and_is_checked(name: str) -> None:
    for option in settings_of(DATASETS[name]):
        with pytest.raises(DataError, match=option.label):
            load_data(DataConfig(name=name, options=((option.name, "no such value"),)))
    with pytest.raises(DataError, match="no option 'colour'"):
        load_data(DataConfig(name=name, options=(("colour", 1),)))


def test_the_digits_are_mnist(digits: Data) -> None:
    check(digits)
    assert (len(digits.train), len(digits.test)) == (60_000, 10_000)
    assert digits.image_shape == (28, 28)
    assert digits.features == 784
    assert digits.train.labels is not None
    assert digits.train.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert digits.describe(digits.train, 0) == "5"
    assert digits.train.targets[0].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert (digits.train.inputs.min(), digits.train.inputs.max()) == (0, 1)
    # the grand mean of the training pixels, known from everybody's normalization
    assert digits.train.inputs.mean(dtype=np.float64) == pytest.approx(0.1306604, abs=1e-6)


def test_digits_are_coded_as_asked_for(digits: Data) -> None:
    config = DataConfig(name="mnist", input_range=(0.01, 1.0), target_range=(0.01, 0.99), train_limit=100)
    data = load_data(config)
    assert (len(data.train), len(data.test)) == (100, 10_000)
    np.testing.assert_allclose(data.train.inputs, digits.train.inputs[:100] * 0.99 + 0.01, atol=1e-6)
    np.testing.assert_allclose(data.train.targets, digits.train.targets[:100] * 0.98 + 0.01, atol=1e-6)
    assert data.input_range == (0.01, 1.0)
    assert data.threshold == pytest.approx(0.5)


def test_standardized_features_have_mean_0_and_variance_1_in_training() -> None:
    data = load_data(DataConfig(name="linear", standardize=True))
    np.testing.assert_allclose(data.train.inputs.mean(0, dtype=np.float64), 0, atol=1e-6)
    np.testing.assert_allclose(data.train.inputs.std(0, dtype=np.float64), 1, atol=1e-6)
    assert abs(data.test.inputs.mean(0)).max() > 1e-3, "the test examples must not be measured"


def test_the_price_of_flats_follows_its_law() -> None:
    data = load_data(DataConfig(name="linear", options=(("noise", 0.0), ("samples", 50))))
    rows, price = data.train.rows.astype(float), data.train.targets.astype(float)
    law = np.linalg.lstsq(rows, price, rcond=None)[0].ravel()
    np.testing.assert_allclose(law, [0.5, 0.03, 0.15, -0.01, -0.04], atol=1e-5)


def test_splits_hold_every_example_once() -> None:
    whole = load_data(DataConfig(name="circle", test_fraction=0.0))
    data = load_data(DataConfig(name="circle", test_fraction=0.5))
    assert (len(data.train), len(data.test), len(whole.test)) == (250, 250, 0)
    both = np.vstack([data.train.rows, data.test.rows])
    np.testing.assert_array_equal(np.sort(both, 0), np.sort(whole.train.rows, 0))


def test_playgrounds_points_lie_where_playground_puts_them() -> None:
    plane = {
        name: load_data(DataConfig(name=name, test_fraction=0.0))
        for name in ("circle", "spirals", "xor-plane")
    }
    for data in plane.values():
        assert len(data.train) == 500
        assert data.task == "binary"
        assert set(np.unique(data.train.targets)) == {-1.0, 1.0}
        assert data.threshold == 0
    points, sign = plane["circle"].train.inputs, plane["circle"].train.targets[:, 0]
    radius = np.hypot(*points.T)
    assert radius[sign > 0].max() < 2.5
    assert 3.5 < radius[sign < 0].min() < radius.max() < 5
    points, sign = plane["xor-plane"].train.inputs, plane["xor-plane"].train.targets[:, 0]
    assert abs(points).min() >= 0.3
    np.testing.assert_array_equal(np.sign(points.prod(1)), sign)
    points, sign = plane["spirals"].train.inputs, plane["spirals"].train.targets[:, 0]
    np.testing.assert_allclose(  # one arm is the other, turned by half a turn
        np.sort(points[sign > 0], 0), np.sort(-points[sign < 0], 0), atol=1e-5
    )


@pytest.mark.parametrize("name", ["circle", "xor-plane"])
def test_noise_lets_points_stray_over_the_border(name: str) -> None:
    clean, noisy = (
        load_data(DataConfig(name=name, options=(("noise", noise),), test_fraction=0.0))
        for noise in (0.0, 0.3)
    )
    inside = np.hypot(*noisy.train.inputs.T) < 2.5 if name == "circle" else noisy.train.inputs.prod(1) > 0
    assert ((noisy.train.targets[:, 0] > 0) != inside).any()
    check(clean)
    check(noisy)


def test_exclusive_or_is_its_four_points() -> None:
    data = load_data(DataConfig(name="xor"))
    assert data.train.inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert data.train.targets.ravel().tolist() == [0, 1, 1, 0]
    np.testing.assert_array_equal(data.test.rows, data.train.rows)
    assert [data.describe(data.train, i) for i in range(4)] == ["0", "1", "1", "0"]


def test_quantities_are_described_in_their_own_unit() -> None:
    plain = load_data(DataConfig(name="linear"))
    coded = load_data(DataConfig(name="linear", target_range=(-1.0, 1.0)))
    assert coded.target_range == (-1.0, 1.0)
    assert abs(coded.train.targets).max() == pytest.approx(1)
    assert coded.describe(coded.train, 7) == plain.describe(plain.train, 7)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DataConfig(name="no-such-set"), "no-such-set"),
        (DataConfig(name="csv"), "choose one"),
        (DataConfig(name="circle", input_range=(1.0, 1.0)), "input range"),
        (DataConfig(name="circle", target_range=(1.0, float("nan"))), "target range"),
        (DataConfig(name="circle", test_fraction=7.0), "Test share"),
        (DataConfig(name="circle", train_limit=0), "Examples used"),
        (DataConfig(name="circle", seed=-1), "Data seed"),
        (DataConfig(name="linear", options=(("noise", 50.0), ("samples", 1))), "Flats"),
    ],
)
def test_faulty_configs_get_a_sentence(config: DataConfig, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        load_data(config)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_loading_tells_its_progress_and_can_be_stopped() -> None:
    shares: list[float] = []
    load_data(DataConfig(name="circle"), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def stop(share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        load_data(DataConfig(name="circle"), stop)


def test_constant_features_stay_finite() -> None:
    data = load_data(replace(DataConfig(name="single"), standardize=True))
    np.testing.assert_array_equal(data.train.inputs, 0)
    data = load_data(replace(DataConfig(name="single"), input_range=(-1.0, 1.0)))
    check(data)
