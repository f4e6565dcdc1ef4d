"""Project files come back as they were, in every kind of value, and replace the old file all at once."""

from __future__ import annotations

import errno
import io
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.design import DataConfig, NetworkDesign, Project, TrainingConfig, chain
from engine.files import (
    FileFault,
    LoadedProject,
    atomic,
    backup_of,
    load_project,
    project_from_json,
    project_to_json,
    save_project,
)
from engine.files.specs import REGISTRIES, decode, encode, ids_of, ranges_of
from engine.layers.dense import Dense, Input
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.optimizers.adaptive import Adam
from engine.registry import Registry
from engine.regularizers import Patience
from engine.schedules import ScheduleState
from engine.training.checkpoint import Checkpoint
from engine.training.epoch_check import Observed
from engine.training.session import Session
from engine.validation import infer
from tests.engine.project_strategies import free_projects, small_data, trained_sessions, values_of

quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def trained(steps: int = 20) -> Session:
    project = Project(
        name="Small",
        design=chain((3,), (4, {"activation": "tanh"}), (2, {"activation": "identity"})),
        training=TrainingConfig(optimizer=Adam(), batch_size=5),
    )
    session = Session(project, small_data(3, 2))
    session.run(steps)
    return session


def saved(path: Path, session: Session | None = None) -> LoadedProject:
    session = session or trained()
    save_project(path, session.project, session.checkpoint())
    return load_project(path)


def assert_same(a: Checkpoint | None, b: Checkpoint | None) -> None:
    assert a is not None
    assert b is not None
    for field in fields(Checkpoint):  # all of them: a new one must be saved as well
        x, y = getattr(a, field.name), getattr(b, field.name)
        assert to_bytes(x) == to_bytes(y), field.name


def to_bytes(value: object) -> object:
    """The same, with arrays as bytes, so that values compare and NaN equals itself."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return {key: to_bytes(item) for key, item in value.items()}
    return tuple(map(to_bytes, value)) if isinstance(value, tuple) else repr(value)


# -- what comes back


@quick
@given(project=free_projects)
def test_any_project_comes_back(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    save_project(path, project)
    assert load_project(path).project == project
    assert project_from_json(project_to_json(project)) == project


@quick
@given(session=trained_sessions())
def test_anything_learned_comes_back(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    before = session.checkpoint()
    found = saved(path, session)
    assert found.project == found.trained == session.project
    assert found.warnings == ()
    assert_same(found.checkpoint, before)
    assert found.checkpoint is not None
    assert not found.checkpoint.parameters.flags.writeable


@pytest.mark.parametrize("registry", REGISTRIES.values(), ids=lambda registry: registry.noun)
def test_every_entry_of_the_registries_can_be_saved(registry: Registry[type]) -> None:
    base = next(base for base, found in REGISTRIES.items() if found is registry)

    @settings(max_examples=20)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        for name in registry:
            value = data.draw(values_of(registry[name]))
            text = msgspec.json.encode(encode(value))
            assert decode(base, msgspec.json.decode(text), "it") == value

    check()


def test_an_optimizer_nobody_knew_is_saved_without_a_change_here(tmp_path: Path) -> None:
    from engine.fields import setting

    @dataclass(frozen=True, kw_only=True)
    class Wobble(Optimizer):
        kind = "wobble"
        label = "Wobble"
        formula = source = ""
        slots = ("phase", "swing")
        swing: float = setting(0.25, label="Swing", minimum=0.0, maximum=1.0)
        mask: bytes = b""

        def bind(self, parameters: object, gradients: object, slots: object) -> Callable[[], object]:
            return lambda: None

    OPTIMIZERS.register("wobble", Wobble)
    try:
        project = replace(
            trained().project, training=TrainingConfig(optimizer=Wobble(swing=0.75, mask=b"\0\xff"))
        )
        session = Session(project, small_data(3, 2))
        session.slots.vectors["swing"][:] = 3.5
        found = saved(tmp_path / "p.synapscope", session)
        assert found.project == project
        assert_same(found.checkpoint, session.checkpoint())
    finally:
        del OPTIMIZERS._entries["wobble"]


@given(st.lists(st.integers(0, 40), unique=True))
def test_unit_ids_are_ranges_in_any_order(ids: list[int]) -> None:
    assert ids_of(ranges_of(ids), "it") == tuple(ids)


def test_784_units_are_one_range() -> None:
    assert encode(Input(id="x", shape=(784,), unit_ids=tuple(range(784))))["unit_ids"] == [[0, 784]]


def test_a_view_comes_back(tmp_path: Path) -> None:
    view = {"center": [1.5, -2.0], "zoom": 0.75, "open": True, "drawer": None, "split": {"a": [1]}}
    save_project(tmp_path / "p.synapscope", Project(), view=view)
    assert load_project(tmp_path / "p.synapscope").view == view


def test_an_unfinished_network_keeps_what_the_finished_one_had_learned(tmp_path: Path) -> None:
    session = trained()
    unfinished = replace(session.project, design=replace(session.project.design, wires=()))
    path = tmp_path / "p.synapscope"
    save_project(path, unfinished, session.checkpoint(), trained=session.project)
    found = load_project(path)
    assert found.project == unfinished
    assert found.trained == session.project
    assert_same(found.checkpoint, session.checkpoint())


def test_a_diverged_network_can_be_saved_and_says_so(tmp_path: Path) -> None:
    session = trained()
    session.network.parameters[2] = np.nan
    found = saved(tmp_path / "p.synapscope", session)
    assert found.checkpoint is not None
    assert np.isnan(found.checkpoint.parameters[2])
    assert any("diverged" in warning for warning in found.warnings)


def test_measured_numbers_may_be_infinite(tmp_path: Path) -> None:
    session = trained()
    checkpoint = replace(
        session.checkpoint(),
        rate=float("inf"),
        observed=Observed(Patience(best=float("-inf")), ScheduleState(best=float("nan"))),
    )
    save_project(tmp_path / "p.synapscope", session.project, checkpoint)
    assert_same(load_project(tmp_path / "p.synapscope").checkpoint, checkpoint)


def test_the_best_epoch_comes_back(tmp_path: Path) -> None:
    session = trained()
    best = (session.network.parameters + 1, session.network.state.copy())
    checkpoint = replace(session.checkpoint(), best=best, seconds=12.5)
    save_project(tmp_path / "p.synapscope", session.project, checkpoint)
    assert_same(load_project(tmp_path / "p.synapscope").checkpoint, checkpoint)


def test_another_environment_gives_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, lambda raw: raw["environment"].update(numpy="1.0.0", threads=64))
    (warning,) = load_project(path).warnings
    assert "NumPy" in warning
    assert "instead of 1.0.0" in warning
    assert "last digits" in warning


def test_positions_that_are_no_numbers_lose_no_work(tmp_path: Path) -> None:
    project = Project(positions=(("a", float("nan"), 0.0), ("b", 1.0, 2.0)))
    save_project(tmp_path / "p.synapscope", project)
    assert load_project(tmp_path / "p.synapscope").project.positions == (("b", 1.0, 2.0),)


def test_half_a_character_loses_no_work(tmp_path: Path) -> None:
    save_project(tmp_path / "p.synapscope", Project(about="good \ud83d"))
    assert load_project(tmp_path / "p.synapscope").project.about == "good ?"


def test_the_same_project_gives_the_same_bytes_without_its_environment(tmp_path: Path) -> None:
    session = trained()
    for name in ("a", "b"):
        save_project(tmp_path / name, session.project, session.checkpoint(), environment=False)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert load_project(tmp_path / "a").environment is None


# -- how it is written


def test_the_previous_version_is_kept_once(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    for name in ("first", "second", "third"):
        save_project(path, Project(name=name))
    assert load_project(path).project.name == "third"
    assert load_project(backup_of(path)).project.name == "second"
    save_project(path, Project(name="third"))  # the same once more takes nothing away
    assert load_project(backup_of(path)).project.name == "second"
    assert sorted(os.listdir(tmp_path)) == ["p.synapscope", "p.synapscope.bak"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_stays_a_link_and_rights_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.synapscope", tmp_path / "link.synapscope"
    save_project(real, Project(name="old"))
    real.chmod(0o640)
    link.symlink_to(real)
    save_project(link, Project(name="new"))
    assert link.is_symlink()
    assert load_project(real).project.name == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "may not write"),
        (errno.EROFS, "may not write"),
        (errno.EIO, "check the disk"),
    ],
)
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_save_that_fails_leaves_the_old_file(
    number: int, words: str, moment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.synapscope"
    save_project(path, Project(name="old"))

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, moment, fail)
    with pytest.raises(FileFault, match=words) as caught:
        save_project(path, Project(name="new"))
    monkeypatch.undo()
    assert_sentence(caught.value)
    assert load_project(path).project.name == "old"
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


@pytest.mark.skipif(os.name == "nt", reason="there are no such limits on Windows")
def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "p.synapscope"
    save_project(path, Project(name="old"))
    session = trained()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))  # really: the write itself fails
    try:
        with pytest.raises(FileFault, match="was not saved") as caught:
            save_project(path, session.project, session.checkpoint())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert_sentence(caught.value)
    assert load_project(path).project.name == "old"
    assert os.listdir(tmp_path) == ["p.synapscope"]


def test_saving_where_one_cannot(tmp_path: Path) -> None:
    for path in (
        tmp_path / "no folder" / "p.synapscope",
        tmp_path,
        tmp_path / ("x" * 400),
        tmp_path / "a\0b",
    ):
        with pytest.raises(FileFault) as caught:
            save_project(path, Project())
        assert_sentence(caught.value)


def test_leftovers_of_a_killed_program_are_swept_away(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    old, new = tmp_path / ".p.synapscope.77-1.tmp", tmp_path / ".p.synapscope.78-1.tmp"
    for leftover in (old, new):
        leftover.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    save_project(path, Project())
    assert not old.exists()
    assert new.exists()  # perhaps somebody is writing it right now


@pytest.mark.parametrize(
    "project",
    [
        Project(training=TrainingConfig(optimizer=Adam(learning_rate=float("nan")))),
        Project(training=TrainingConfig(batch_size=0)),
        Project(data=DataConfig(input_range=(0.0, float("inf")))),
        Project(design=NetworkDesign(layers=(Input(id="a", shape=(1,), unit_ids=(0,)),) * 2)),
        Project(design=chain((1,), (1, {"initial": (float("nan"), 1.0)}))),
    ],
)
def test_what_could_not_be_read_back_is_not_saved(project: Project, tmp_path: Path) -> None:
    with pytest.raises(FileFault) as caught:
        save_project(tmp_path / "p.synapscope", project)
    assert_sentence(caught.value)
    assert os.listdir(tmp_path) == []


def test_weights_of_another_network_are_not_saved(tmp_path: Path) -> None:
    session = trained()
    other = replace(session.project, design=session.project.design.resized("dense-1", 5))
    with pytest.raises(FileFault, match="learned values are 26, but the network has 32"):
        save_project(tmp_path / "p.synapscope", other, session.checkpoint())


# -- what is refused


def assert_sentence(fault: FileFault) -> None:
    text = str(fault)
    assert text.endswith(".")
    assert "\n" not in text
    assert 20 < len(text) < 700
    assert "Traceback" not in text


def rewrite(
    path: Path, change: Callable[[dict[str, object]], object] | None = None, **members: bytes | None
) -> None:
    """Change a project file: its JSON by `change`, whole members by name (None removes one)."""
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    if change is not None:
        raw = msgspec.json.decode(found["project.json"])
        change(raw)
        found["project.json"] = msgspec.json.encode(raw)
    for name, data in members.items():
        found[{"weights": "weights.safetensors", "project": "project.json"}.get(name, name)] = data  # type: ignore[assignment]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            if data is not None:
                archive.writestr(name, data)


def fault_of(path: Path) -> str:
    with pytest.raises(FileFault) as caught:
        load_project(path)
    assert_sentence(caught.value)
    return str(caught.value)


def test_files_that_are_no_projects(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    assert "There is no file “p.synapscope”" in fault_of(path)
    assert "is a folder" in fault_of(tmp_path)
    path.write_bytes(b"")
    assert "it is empty" in fault_of(path)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert "is not a Synapscope project" in fault_of(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<xml/>")
    assert "is a zip, but not a Synapscope project" in fault_of(path)
    assert "is not the name of a file" in fault_of(tmp_path / "a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_does_not_wait_forever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in fault_of(tmp_path / "pipe")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be read here")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    path.chmod(0)
    assert "may not read" in fault_of(path)


def test_a_newer_version_is_named_whatever_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, lambda raw: raw.update(version=3, project="something else entirely"))
    assert fault_of(path) == (
        "“p.synapscope” was saved by a newer Synapscope (format 3); this one reads formats up to 1; "
        "update Synapscope to open it."
    )


def test_the_backup_is_offered_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    saved(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "open its backup “p.synapscope.bak” instead" in fault_of(path)
    assert load_project(backup_of(path)).checkpoint is not None


def test_unknown_parts_and_top_level_fields_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    before = saved(path)
    rewrite(path, lambda raw: raw.update(run_log={"entries": 3}), **{"log.bin": b"later"})
    assert load_project(path).project == before.project


def _layer(raw: dict, **fields: object) -> None:
    raw["project"]["design"]["layers"][1].update(fields)


FAULTS: dict[str, tuple[Callable[[dict], object], str]] = {
    "wrong type": (lambda raw: _layer(raw, bias="yes"), "bias is wrong: expected `bool`, got `str`"),
    "unknown layer": (lambda raw: _layer(raw, kind="quantum"), "unknown kind 'quantum'"),
    "no kind": (lambda raw: raw["project"]["training"]["loss"].clear(), "unknown kind None"),
    "unknown field": (lambda raw: _layer(raw, depth=3), "unknown field 'depth'"),
    "unknown activation": (lambda raw: _layer(raw, activation="magic"), "must be one of"),
    "a field is missing": (lambda raw: raw["project"]["design"]["layers"][1].pop("unit_ids"), "lacks"),
    "null": (lambda raw: raw["project"]["training"]["optimizer"].update(learning_rate=None), "learning_rate"),
    "too large": (lambda raw: raw["project"]["training"].update(batch_size=10**9), "at most"),
    "absurdly many units": (lambda raw: _layer(raw, unit_ids=[[0, 10**12]]), "more than 4,000,000 units"),
    "backward range": (lambda raw: _layer(raw, unit_ids=[[5, 2]]), "impossible range"),
    "units twice": (lambda raw: _layer(raw, unit_ids=[[0, 4]]), "two units"),
    "layers twice": (lambda raw: _layer(raw, id="input"), "two layers"),
    "wire to nowhere": (lambda raw: raw["project"]["design"]["wires"][0].update(source="x"), "wire leads"),
    "impossible shape": (
        lambda raw: raw["project"]["design"]["layers"][0].update(shape=[10**5, 10**6]),
        "but cannot run:",
    ),
    "weights do not fit": (
        lambda raw: _layer(raw, unit_ids=[[3, 7], [100, 101]]),
        "of shape (4, 4), but the",
    ),
    "other precision": (
        lambda raw: raw["project"]["training"].update(precision="float64"),
        "float64 numbers",
    ),
    "cannot run": (lambda raw: raw["project"]["design"]["wires"].clear(), "but cannot run:"),
    "other optimizer": (
        lambda raw: raw["project"]["training"].update(optimizer={"kind": "momentum"}),
        "lack 'slot:velocity/dense-1/weight'",
    ),
    "negative step": (lambda raw: raw["progress"].update(step=-1), "progress.step is below 0"),
    "no step": (lambda raw: raw["progress"].pop("step"), "lacks the field 'step'"),
    "unknown progress": (lambda raw: raw["progress"].update(mood=1), "unknown field 'mood'"),
    "no best": (lambda raw: raw["progress"].update(best=True), "lack 'best:dense-1/weight'"),
    "random state": (lambda raw: raw["progress"]["epoch_state"].update(state="9" * 39), "random numbers"),
    "random text": (
        lambda raw: raw["progress"]["epoch_state"].update(state="1; import os"),
        "progress.epoch_state is wrong",
    ),
    "more curves": (lambda raw: raw["progress"]["curves"].update(x=1), "curve 'x' is missing"),
    "fewer curves": (lambda raw: raw["progress"]["curves"].pop("loss"), "hold 'curve:loss'"),
    "no project": (lambda raw: raw.pop("project"), "missing required field `project`"),
    "no format": (lambda raw: raw.update(format="word"), "is not a Synapscope project"),
    "format 0": (lambda raw: raw.update(version=0), "there is no format 0"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_wrong_value_is_named(name: str, tmp_path: Path) -> None:
    change, words = FAULTS[name]
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, change)
    assert words in fault_of(path)


@pytest.mark.parametrize("learned", [False, True])
def test_a_network_of_terabytes_in_a_small_file_is_never_built(learned: bool, tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    session = trained()
    save_project(path, session.project, session.checkpoint() if learned else None)

    def enlarge(raw: dict) -> None:
        layers = raw["project"]["design"]["layers"]
        layers[1]["unit_ids"], layers[2]["unit_ids"] = [[10, 1_000_000]], [[1_000_000, 2_000_000]]

    rewrite(path, enlarge)
    if learned:
        fault_of(path)
        return
    try:
        found = load_project(path)
    except FileFault as fault:
        assert "more than 100,000,000 parameters" in str(fault)  # noqa: PT017  one of two right answers
    else:
        assert infer(found.project.design).errors  # it opens as a network that says why it cannot run


def test_zip_bombs_are_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, project=b" " * (33 << 20))
    assert path.stat().st_size < 100_000
    assert "claims 34,603,008 bytes" in fault_of(path)
    saved(path)
    rewrite(path, weights=bytes(40 << 20))
    assert "the part weights.safetensors claims" in fault_of(path)


def test_a_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, project=b"{" + b" " * (64 << 20) + b"}")
    data = bytearray(path.read_bytes())
    true = (len(b"{}") + (64 << 20)).to_bytes(4, "little")
    assert data.count(true) == 2
    path.write_bytes(data.replace(true, (1000).to_bytes(4, "little")))
    fault_of(path)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"format": "synapscope"}', b"1" * 5000]
)
def test_json_that_is_none(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, project=text)
    fault_of(path)
    with pytest.raises(FileFault) as caught:
        project_from_json(text)
    assert_sentence(caught.value)


def test_deep_values_are_refused(tmp_path: Path) -> None:
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    path = tmp_path / "p.synapscope"
    saved(path)
    rewrite(path, lambda raw: raw["project"].update(positions=deep))
    fault_of(path)


def test_weights_that_are_none(tmp_path: Path) -> None:
    from safetensors.numpy import save

    path = tmp_path / "p.synapscope"
    for weights, words in (
        (None, "weights.safetensors is missing"),
        (b"", "cannot be read"),
        (bytes(100), "cannot be read"),
        (save({}), "lack 'dense-1/weight'"),
        (save({"dense-1/weight": np.zeros((4, 4), np.int64)}), "not floating-point numbers"),
    ):
        saved(path)
        rewrite(path, weights=weights)
        assert words in fault_of(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.synapscope"
    saved(path)
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    path.write_bytes(data)
    fault_of(path)


def test_a_dense_layer_reads_back_as_its_own_class() -> None:
    design = project_from_json(project_to_json(Project(design=chain((2,), (1, {}))))).design
    assert isinstance(design.layer("dense-1"), Dense)
    assert io.StringIO(project_to_json(Project(design=design))).readline() == "{\n"
