"""Whatever bytes a project file holds, it opens or gives one sentence: never another error, never a hang."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from engine.design import Project, TrainingConfig, chain
from engine.files import FileFault, load_project, project_from_json, project_to_json, save_project
from engine.files.specs import encode
from engine.layers import LAYERS
from engine.losses import LOSSES
from engine.optimizers import OPTIMIZERS
from engine.optimizers.adaptive import Adam
from engine.training.resuming import resume
from engine.training.session import Session
from tests.engine.project_strategies import entries_of, small_data

many = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
DATA = small_data(3, 2)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real project file with everything in it."""
    project = Project(
        name="Real",
        design=chain((3,), (4, {"activation": "tanh", "mask": b"\0\x01"}), (2, {"activation": "identity"})),
        training=TrainingConfig(optimizer=Adam(), batch_size=5),
        positions=(("dense-1", 1.0, 2.0),),
    )
    session = Session(project, DATA)
    session.run(12)
    session.note("test", session.evaluate("test"))
    path = tmp_path_factory.mktemp("real") / "p.synapscope"
    save_project(path, project, session.checkpoint(), view={"zoom": 1.0})
    return path.read_bytes()


def opens_or_says_why(path: Path, data: bytes) -> bool:
    path.write_bytes(data)
    try:
        found = load_project(path)
    except FileFault as fault:
        text = str(fault)
        assert text.endswith(".")
        assert "\n" not in text
        assert len(text) < 700
        return False
    assert isinstance(found.project, Project)
    if (
        found.checkpoint is not None
    ):  # what opens can go on, or says in a sentence that it does not fit its data
        try:
            session = resume(found.trained, DATA, found.checkpoint)
        except ValueError:
            pass
        else:
            with np.errstate(all="ignore"):
                session.run(2)
    return True


def rezipped(real: bytes, **changed: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(real)) as archive, zipfile.ZipFile(out, "w") as target:
        for name in archive.namelist():
            target.writestr(name, changed.get(name.partition(".")[0], archive.read(name)))
    return out.getvalue()


def part(real: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(real)) as archive:
        return archive.read(name)


def test_the_real_file_opens(real: bytes, tmp_path: Path) -> None:
    assert opens_or_says_why(tmp_path / "p.synapscope", real)


@many
@given(data=st.binary(max_size=300), prefix=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)]))
def test_random_bytes(data: bytes, prefix: bytes, tmp_path: Path) -> None:
    assert not opens_or_says_why(tmp_path / "p.synapscope", prefix + data)


def test_a_truncated_file_never_opens(real: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    ends = {*range(0, len(real), max(1, len(real) // 150)), *range(len(real) - 60, len(real))}
    assert not any(opens_or_says_why(path, real[:end]) for end in ends)


@many
@given(data=st.data())
def test_a_file_with_changed_bytes(real: bytes, data: st.DataObject, tmp_path: Path) -> None:
    broken = bytearray(real)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(real) - 1) | st.integers(len(real) - 250, len(real) - 1))
        broken[at] = data.draw(st.integers(0, 255))
    opens_or_says_why(tmp_path / "p.synapscope", bytes(broken))


@many
@given(data=st.data())
def test_a_file_with_a_piece_cut_out_or_put_in(real: bytes, data: st.DataObject, tmp_path: Path) -> None:
    a, b = sorted(data.draw(st.tuples(*[st.integers(0, len(real))] * 2)))
    opens_or_says_why(tmp_path / "p.synapscope", real[:a] + data.draw(st.binary(max_size=40)) + real[b:])


def test_every_byte_of_the_learned_numbers_is_checked(real: bytes, tmp_path: Path) -> None:
    start = real.index(part(real, "weights.safetensors")[:64])
    for at in range(start, start + len(part(real, "weights.safetensors")), 97):
        broken = bytearray(real)
        broken[at] ^= 1
        assert not opens_or_says_why(tmp_path / "p.synapscope", bytes(broken))


@many
@given(data=st.data())
def test_changed_weights_with_a_right_checksum(real: bytes, data: st.DataObject, tmp_path: Path) -> None:
    weights = bytearray(part(real, "weights.safetensors"))
    header = 8 + int.from_bytes(weights[:8], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        weights[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    opens_or_says_why(tmp_path / "p.synapscope", rezipped(real, weights=bytes(weights)))


@many
@given(
    name=st.sampled_from(
        ["dense-1/weight", "slot:mean/dense-2/weight", "curve:loss", "curve:test_loss", "state:x/y", "x"]
    ),
    shape=st.lists(st.integers(0, 5), max_size=3).map(tuple),
    dtype=st.sampled_from(["float16", "float32", "float64", "int64", "bool"]),
    value=st.sampled_from([0.0, 1.0, np.nan, np.inf, -1e30]),
)
def test_other_tensors(
    real: bytes, name: str, shape: tuple[int, ...], dtype: str, value: float, tmp_path: Path
) -> None:
    tensors = dict(load(part(real, "weights.safetensors")))
    with np.errstate(all="ignore"):
        tensors[name] = np.full(shape, value).astype(dtype)
    opens_or_says_why(tmp_path / "p.synapscope", rezipped(real, weights=save(tensors)))


# -- JSON

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([0, -1, 2**31, 2**53, 2**63, 10**30, 10**300, 1e308, -0.0, 5e-324])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["dense", "input", "adam", "float64", "1" * 50, "x" * 5000]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | st.sampled_from(["kind", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [*([path] if path else []), *(p for key, item in inner for p in places(item, (*path, key)))]


def change(tree: Any, data: st.DataObject) -> None:
    """Change, remove, rename, double or exchange something somewhere in a JSON tree."""
    found = places(tree)
    *way, last = data.draw(st.sampled_from(found))
    parent = tree
    for key in way:
        parent = parent[key]
    what = data.draw(st.sampled_from(["set", "set", "entry", "remove", "rename", "double", "copy"]))
    if what == "set":
        parent[last] = data.draw(values)
    elif what == "entry":
        parent[last] = encode(data.draw(st.sampled_from([LAYERS, LOSSES, OPTIMIZERS]).flatmap(entries_of)))
    elif what == "remove":
        del parent[last]
    elif what == "rename" and isinstance(parent, dict):
        parent[data.draw(st.text(max_size=4))] = parent.pop(last)
    elif what == "double" and isinstance(parent, list):
        parent.append(parent[last])
    else:
        *way, key = data.draw(st.sampled_from(found))
        source = msgspec.json.decode(msgspec.json.encode(tree))
        for step in (*way, key):
            source = source[step]
        parent[last] = source


def text_of(tree: Any) -> bytes:
    """JSON with whole numbers of any size, which msgspec would not write."""
    import json

    return json.dumps(tree).encode()


@settings(many, max_examples=400)
@given(data=st.data())
def test_changed_json(real: bytes, data: st.DataObject, tmp_path: Path) -> None:
    tree = msgspec.json.decode(part(real, "project.json"))
    for _ in range(data.draw(st.integers(1, 3))):
        change(tree, data)
    opens_or_says_why(tmp_path / "p.synapscope", rezipped(real, project=text_of(tree)))


@many
@given(tree=values)
def test_any_json(tree: Any) -> None:
    with pytest.raises(FileFault):
        project_from_json(text_of(tree))


@many
@given(data=st.data())
def test_changed_project_text(data: st.DataObject) -> None:
    text = project_to_json(Project(design=chain((2,), (2, {}), (1, {}))))
    a, b = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    broken = text[:a] + data.draw(st.text(max_size=6)) + text[b:]
    try:
        project_from_json(broken)
    except FileFault as fault:
        assert str(fault).endswith(".")  # noqa: PT017  what it says matters where it says something
