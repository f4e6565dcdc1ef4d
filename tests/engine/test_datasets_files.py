"""Data files are read as they are meant, and whatever is wrong with one becomes one sentence."""

from __future__ import annotations

import gzip
import io
import re
import struct
import tracemalloc
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.datasets import Data, DataError, config_for_file, images, load_data
from engine.datasets.images import read_idx
from engine.design import DataConfig
from engine.resources import resource, resources_folder

ONES = np.ones((3, 2))
CSV = "a,b,kind\n1,2,cat\n3,4,dog\n5,6,cat\n7,8,dog\n"


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def load(path: Path, **fields: Any) -> Data:
    """The file's data as they are: all for training, in their order of reading, not scaled."""
    config = {"name": config_for_file(path).name, "path": str(path), "test_fraction": 0.0} | fields
    return load_data(DataConfig(**config))


def fault(path: Path, **fields: Any) -> str:
    with pytest.raises(DataError) as caught:
        load(path, **fields)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def quantities(data: Data) -> np.ndarray[Any, Any]:
    """The training targets in their own unit."""
    return data.target_offset + data.target_scale * data.train.targets.astype(float)


def idx(array: np.ndarray[Any, Any], code: int = 0x08) -> bytes:
    return struct.pack(f">2xBB{array.ndim}I", code, array.ndim, *array.shape) + array.tobytes()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


# -- tables ----------------------------------------------------------------------------------------


def test_a_table_with_class_names(tmp_path: Path) -> None:
    data = load(write(tmp_path, "pets.csv", CSV))
    assert (data.task, data.feature_names, data.class_names) == ("binary", ("a", "b"), ("cat", "dog"))
    assert data.target_names == ("kind",)
    assert sorted(data.train.inputs.tolist()) == [[1, 2], [3, 4], [5, 6], [7, 8]]
    for inputs, label in zip(data.train.inputs, range(4), strict=True):
        assert data.describe(data.train, label) == ("cat" if inputs[0] in (1, 5) else "dog")


@pytest.mark.parametrize(
    ("text", "inputs", "target"),
    [
        ("1,2,0.5\n", [[1, 2]], [0.5]),
        ("x,y\n1e3,.25\n", [[1000]], [0.25]),
        ("\ufeffx;y\r\n1,5;2,25\r\n", [[1.5]], [2.25]),
        ("x\ty\n\n-1\t7.5\n\n", [[-1]], [7.5]),
        ('"x","y, z"\n"1"," 2.5 "\n', [[1]], [2.5]),
    ],
)
def test_tables_of_all_dialects(
    tmp_path: Path, text: str, inputs: list[list[float]], target: list[float]
) -> None:
    data = load(write(tmp_path, "t.csv", text), options=(("task", "regression"),))
    assert data.train.inputs.tolist() == inputs
    np.testing.assert_allclose(quantities(data).ravel(), target)


def test_the_target_column_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", CSV.replace("cat", "9").replace("dog", "8"))
    data = load(path, options=(("target", "a"), ("task", "regression")))
    assert data.feature_names == ("b", "kind")
    np.testing.assert_allclose(np.sort(quantities(data), 0).ravel(), [1, 3, 5, 7])
    assert (data.train.targets.min(), data.train.targets.max()) == (-1, 1)
    assert "choose one of: a, b, kind" in fault(path, options=(("target", "z"),))


@pytest.mark.parametrize(
    ("column", "task"),
    [("0 1 0 1 1 0", "binary"), ("1 2 3 1 2 3", "classes"), ("0.5 1 2 0.5 1 2", "regression"),
     ("10 20 30 41 52 63", "regression"), ("a b c a b c", "classes")],
)  # fmt: skip
def test_the_task_is_guessed_from_the_target(tmp_path: Path, column: str, task: str) -> None:
    path = write(tmp_path, "t.csv", "".join(f"{i},{cell}\n" for i, cell in enumerate(column.split())))
    assert load(path).task == task


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b\n", "no examples|not a finite number"),
        ("1\n2\n", "one column"),
        ("a,b,c\n1,2,3\n1,2\n", "line 3: has 2 cells"),
        ("a,b,c\n1,2,3\n1,oops,3\n", "line 3, column 'b': 'oops' is not a finite number"),
        ("a,b,c\n1,2,3\n\n1,,3\n", "line 4, column 'b': the cell is empty"),
        ("a,b,c\n1,nan,3\n1,2,3\n", "line 2, column 'b': 'nan'"),
        ("a,b\n1,1.5\n2,2.5\n3,oops\n4,3.5\n", "line 4, column 'b': 'oops'"),
        ("a,b\n1,x\n2,\n", "line 3: the class is missing"),
        ("a,b\n1,x\n2,x\n", "has 1 class; it needs 2"),
        ('a,b\n1,"x\n', "not readable as CSV"),
        ("a,b\n1e300,1.5\n2,2.5\n", "too large"),
    ],
)
def test_faults_of_tables_name_the_line(tmp_path: Path, text: str, words: str) -> None:
    assert re.search(words, fault(write(tmp_path, "t.csv", text)))


def test_huge_targets_are_learned_in_a_bearable_scale(tmp_path: Path) -> None:
    data = load(write(tmp_path, "t.csv", "a,b\n1,1e300\n2,2.5\n3,-1e300\n"))
    assert sorted(data.train.targets.ravel()) == [-1, 0, 1]
    assert "too large" in fault(write(tmp_path, "t.csv", "a,b\n1,1.7e308\n2,2.5\n3,-1.7e308\n"))


def test_a_table_in_another_encoding(tmp_path: Path) -> None:
    assert "UTF-8" in fault(write(tmp_path, "t.csv", "größe,y\n1,2\n".encode("latin-1")))


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    for name in ("no.csv", "no.npz", "no-idx3-ubyte"):
        assert "cannot be read" in fault(tmp_path / name)
        (tmp_path / ("folder-" + name)).mkdir()
        assert "cannot be read" in fault(tmp_path / ("folder-" + name))
    assert "cannot be read" in fault(tmp_path / "null\0.csv")
    with pytest.raises(DataError, match=r"picture\.bmp is not a data file"):
        config_for_file(tmp_path / "picture.bmp")


# -- pictures --------------------------------------------------------------------------------------


def pictures(folder: Path, *, count: int = 6, part: str = "train", pack: bool = False) -> Path:
    """A tiny set in MNIST's format: picture i is all i, its label is i modulo 3."""
    images = np.repeat(np.arange(count, dtype=np.uint8), 6).reshape(count, 2, 3)
    labels = (np.arange(count) % 3).astype(np.uint8)
    squeeze = gzip.compress if pack else bytes
    end = ".gz" if pack else ""
    write(folder, f"{part}-labels-idx1-ubyte{end}", squeeze(idx(labels)))
    return write(folder, f"{part}-images-idx3-ubyte{end}", squeeze(idx(images)))


@pytest.mark.parametrize("pack", [False, True])
def test_pictures_and_their_labels(tmp_path: Path, pack: bool) -> None:
    path = pictures(tmp_path, pack=pack)
    data = load(path)
    assert (data.image_shape, data.features, data.class_names) == ((2, 3), 6, ("0", "1", "2"))
    assert data.train.labels is not None
    number = np.round(data.train.inputs[:, 0] * 255).astype(int)
    assert sorted(number) == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(number % 3, data.train.labels)
    pictures(tmp_path, count=4, part="t10k", pack=pack)
    data = load(path)
    assert (len(data.train), len(data.test)) == (6, 4)
    np.testing.assert_allclose(data.test.inputs[3], 3 / 255)


@pytest.mark.parametrize(
    ("code", "kind"), [(0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]
)
def test_pictures_of_other_numbers(tmp_path: Path, code: int, kind: str) -> None:
    path = pictures(tmp_path)
    values = np.arange(36).astype(kind).reshape(6, 2, 3)
    path.write_bytes(idx(values, code))
    data = load(path, input_range=(0.0, 35.0))
    np.testing.assert_allclose(np.sort(data.train.inputs.ravel()), np.arange(36), rtol=1e-6)


def test_faults_of_pictures(tmp_path: Path) -> None:
    path = pictures(tmp_path)
    whole = path.read_bytes()
    for content, words in (
        (whole[:-1], "only 35"),
        (whole + b"!", "holds more"),
        (whole[:9], "ends within its head"),
        (b"\0\0\x07\1" + whole[4:], "not an IDX file"),
        (b"GIF89a", "not an IDX file"),
        (b"", "not an IDX file"),
        (idx(np.zeros(6, np.uint8)), "not a list of pictures"),
        (idx(np.zeros((6, 0, 3), np.uint8)), "not a list of pictures"),
        (struct.pack(">2xBB3I", 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1), "too many"),
        (gzip.compress(whole)[:-9], "cannot be unpacked"),
        (gzip.compress(whole)[:20] + b"?" * 30, "cannot be unpacked|damaged"),
    ):
        path.write_bytes(content)
        message = fault(path)
        assert any(word in message for word in words.split("|")), message
    path.write_bytes(idx(np.zeros((5, 2, 3), np.uint8)))
    assert "6 labels" in fault(path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    assert "no labels" in fault(path)


def test_pictures_packed_in_thousands_of_pieces(tmp_path: Path) -> None:
    path = pictures(tmp_path)
    whole = path.read_bytes()
    pieces = [gzip.compress(whole[i : i + 1]) for i in range(len(whole))]
    packed = tmp_path / (path.name + ".gz")
    packed.write_bytes(gzip.compress(b"") * 5000 + b"".join(pieces))
    assert np.array_equal(read_idx(packed), read_idx(path))


def test_a_packed_file_with_a_wrong_head_is_refused_before_it_is_read(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, 8_000_000, np.uint8).tobytes()
    too_many = struct.pack(">2xBB3I", 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    small = idx(np.zeros((1, 2, 2), np.uint8))
    for head, words in ((b"GIF89a", "not an IDX file"), (too_many, "too many"), (small, "holds more")):
        path = write(tmp_path, "train-images-idx3-ubyte.gz", gzip.compress(head + noise, 1))
        tracemalloc.start()
        try:
            assert words in fault(path)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


def test_pictures_packed_in_several_pieces_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "PIECE", 7)
    pictures(tmp_path)
    packed = pictures(tmp_path, pack=True)
    packed.write_bytes(packed.read_bytes() + gzip.compress(b""))
    assert np.array_equal(read_idx(packed), read_idx(packed.with_name(packed.name.removesuffix(".gz"))))


def test_labels_that_are_not_classes(tmp_path: Path) -> None:
    path = pictures(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte"
    for array, code in (
        (np.full(6, -1, np.int8), 9),
        (np.full(6, 1.5, ">f4"), 0x0D),
        (np.full(6, 5000, ">i2"), 0x0B),
    ):
        labels.write_bytes(idx(array, code))
        assert "whole numbers" in fault(path)


# -- arrays ----------------------------------------------------------------------------------------


def test_arrays_of_classes_and_of_quantities(tmp_path: Path) -> None:
    x = np.arange(12.0).reshape(6, 2)
    data = load(write(tmp_path, "a.npz", npz(X=x, y=np.array([3, 5, 7, 3, 5, 7]))))
    assert (data.task, data.class_names, data.image_shape) == ("classes", ("3", "5", "7"), None)
    data = load(write(tmp_path, "b.npz", npz(inputs=x, targets=x * 2.5)))
    assert (data.task, data.outputs) == ("regression", 2)
    np.testing.assert_allclose(quantities(data), data.train.inputs * 2.5, atol=1e-5)


def test_arrays_of_pictures_with_tests_of_their_own(tmp_path: Path) -> None:
    x = np.full((6, 4, 5), 51, np.uint8)
    content = npz(x_train=x, y_train=np.arange(6) % 2, x_test=x[:2], y_test=np.array([0, 2]))
    data = load(write(tmp_path, "a.npz", content))
    assert (data.image_shape, data.features, len(data.test)) == ((4, 5), 20, 2)
    assert data.class_names == ("0", "1", "2")
    np.testing.assert_allclose(data.train.inputs, 0.2)
    assert [data.describe(data.test, i) for i in range(2)] == ["0", "2"]


def test_all_test_examples_may_be_of_one_class(tmp_path: Path) -> None:
    x = np.arange(12.0).reshape(6, 2)
    content = npz(x=x, y=np.arange(6) % 2, x_test=x[:3], y_test=np.zeros(3, int))
    data = load(write(tmp_path, "a.npz", content))
    assert (data.class_names, len(data.test)) == (("0", "1"), 3)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "no array named"),
        ({"x": np.zeros((3, 2))}, "no array named"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(4)}, "do not belong together"),
        ({"x": np.zeros(3), "y": np.zeros(3)}, "must be \\(examples, features\\)"),
        ({"x": np.zeros((0, 2)), "y": np.zeros(0)}, "must be \\(examples, features\\)"),
        ({"x": np.float64(1), "y": np.zeros(3)}, "do not belong together"),
        ({"x": np.zeros((3, 2), complex), "y": np.zeros(3)}, "not numbers"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(3, complex)}, "not numbers"),
        ({"x": np.full((3, 2), np.inf), "y": np.zeros(3)}, "not finite"),
        ({"x": np.zeros((3, 2)), "y": np.full(3, np.nan)}, "not finite"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(3, int)}, "has 1 class;"),
        ({"x": np.zeros((3, 2)), "y": np.zeros(3), "x_test": np.zeros((3, 2))}, "both or neither"),
        ({"x": ONES, "y": ONES[:, 0], "x_test": np.ones((3, 4)), "y_test": ONES[:, 0]}, "another width"),
    ],
)  # fmt: skip
def test_faults_of_arrays(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    assert re.search(words, fault(write(tmp_path, "a.npz", npz(**arrays))))


def test_arrays_that_would_run_code_are_refused(tmp_path: Path) -> None:
    objects = np.array([{"a": 1}] * 3, dtype=object)
    assert "plain numbers" in fault(write(tmp_path, "a.npz", npz(x=objects, y=np.zeros(3))))


def test_an_archive_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.npz", npz(x=np.zeros((3, 2)), y=np.zeros(3)))
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\1\2") + 24  # the unpacked size in the central directory
    content[place : place + 4] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(bytes(content))
    assert "too many to load" in fault(path)


# -- garbage ---------------------------------------------------------------------------------------


@cache
def whole_files() -> dict[str, bytes]:
    """One good file of each kind, to damage."""
    return {
        "t.csv": CSV.encode(),
        "a.npz": npz(x=np.zeros((3, 2)), y=np.arange(3)),
        "train-images-idx3-ubyte": idx(np.zeros((3, 2, 2), np.uint8)),
        "train-images-idx3-ubyte.gz": gzip.compress(idx(np.zeros((3, 2, 2), np.uint8))),
    }


def loads_or_says_why(path: Path, **fields: Any) -> None:
    try:
        data = load(path, **fields)
    except DataError as error:
        said = str(error)
    else:
        said = data.describe(data.train, 0)
    assert said
    assert "\n" not in said


@pytest.mark.parametrize("name", whole_files())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(content=st.binary(max_size=200))
@example(content=b"\0" * 16)
@example(content=b"PK\5\6" + b"\0" * 18)
def test_garbage_is_never_more_than_a_data_error(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path, "train-labels-idx1-ubyte", idx(np.arange(3, dtype=np.uint8)))
    loads_or_says_why(write(tmp_path, name, content))


@pytest.mark.parametrize("name", whole_files())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_damage_is_never_more_than_a_data_error(tmp_path: Path, name: str, data: st.DataObject) -> None:
    write(tmp_path, "train-labels-idx1-ubyte", idx(np.arange(3, dtype=np.uint8)))
    content = bytearray(whole_files()[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    loads_or_says_why(write(tmp_path, name, bytes(content[:end] if data.draw(st.booleans()) else content)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    text=st.text(alphabet='0123456789.,;\t"\n\r -eE+abä\0x', max_size=80),
    header=st.sampled_from(["auto", "yes", "no"]),
)
def test_any_text_is_never_more_than_a_data_error(tmp_path: Path, text: str, header: str) -> None:
    path = write(tmp_path, "t.csv", text)
    loads_or_says_why(path, options=(("header", header),), standardize=True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(header=st.binary(max_size=120))
def test_any_array_header_is_never_more_than_a_data_error(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("x.npy", "y.npy"):
            archive.writestr(name, b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header)
    loads_or_says_why(path)


def test_resources_are_found_in_source_and_in_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resource("data", "mnist", "train-labels-idx1-ubyte.gz").is_file()
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resources_folder() == tmp_path / "resources"
