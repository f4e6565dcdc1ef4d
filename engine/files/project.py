"""Project files: a project with everything learned, in one zip of JSON and safetensors (docs/file-format.md).

Saving is atomic and keeps the previous version once. Whatever is wrong with a file is a `FileFault`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.design import Project
from engine.files.archive import (
    MAX_PROJECT_BYTES,
    PROJECT,
    WEIGHTS,
    has_member,
    opened,
    read_member,
    write_archive,
)
from engine.files.atomic import write_atomically
from engine.files.environment import Environment, current_environment
from engine.files.faults import FileFault, Unreadable, shortened, shown, writing_fault
from engine.files.shapes import Places, check_design, places_of, why_not
from engine.files.specs import decode, encode
from engine.files.weights import (
    decode_progress,
    encode_progress,
    most_bytes,
    pack_weights,
    unpack_weights,
)
from engine.training.checkpoint import Checkpoint
from engine.version import version

SUFFIX = ".synapscope"
BACKUP_SUFFIX = ".bak"
FORMAT = "synapscope"
VERSION = 1


class Head(msgspec.Struct):
    """What every version of the format begins with."""

    format: str
    version: int


class Body(msgspec.Struct, omit_defaults=True):
    """project.json. Fields without a name here are ignored: room for what an older program can do without."""

    format: str
    version: int
    project: dict[str, Any]
    trained: dict[str, Any] | None = None
    progress: dict[str, Any] | None = None
    view: dict[str, Any] = {}
    environment: Environment | None = None
    program: str = ""
    saved_at: str = ""


@dataclass(frozen=True, kw_only=True)
class LoadedProject:
    """What a file held.

    Attributes:
        project: as designed; its network may be unfinished.
        checkpoint: what was learned, None before the first training.
        trained: the project that the checkpoint belongs to, for `resuming.resume`: the project itself, unless
            its network was edited into something that cannot run.
        view: what the window wanted to remember; not checked.
        warnings: sentences for the user.
        saved_at, program, environment: when, by which version and where it was saved, as far as known.
    """

    project: Project
    checkpoint: Checkpoint | None
    trained: Project
    view: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    saved_at: datetime | None = None
    program: str = ""
    environment: Environment | None = None


def backup_of(path: Path | str) -> Path:
    """Where the previous version of a project file is kept."""
    path = Path(path)
    return path.with_name(path.name + BACKUP_SUFFIX)


def original_of(path: Path | str) -> Path | None:
    """The project file that a path is the backup of, None if it is no backup."""
    path = Path(path)
    whole = path.name.endswith(SUFFIX + BACKUP_SUFFIX)
    return path.with_name(path.name.removesuffix(BACKUP_SUFFIX)) if whole else None


def save_project(
    path: Path | str,
    project: Project,
    checkpoint: Checkpoint | None = None,
    *,
    trained: Project | None = None,
    view: Mapping[str, Any] | None = None,
    environment: bool = True,
    backup: bool = True,
) -> None:
    """Write a project file; FileFault leaves the old one as it was.

    `trained` is the project that the checkpoint belongs to, where it is not `project`; `view` is what the
    window wants to remember (JSON values). Without `environment` the same project gives the same bytes.
    """
    path = Path(path)
    try:
        text, weights = _packed(project, checkpoint, trained, view or {}, environment)
    except Unreadable as fault:
        raise FileFault(
            f"{shown(path)} was not saved: {fault}; undo the last change and save again."
        ) from None
    try:
        kept = backup_of(path) if backup else None
        write_atomically(path, lambda file: write_archive(file, text, weights), backup=kept)
    except OSError as error:
        raise writing_fault(path, error) from None
    except ValueError:  # a null character in the name
        raise FileFault(f"{shown(path)} cannot be the name of a file; choose another.") from None


def load_project(path: Path | str) -> LoadedProject:
    """Read a project file, or FileFault."""
    path = Path(path)
    try:
        with opened(path) as archive:
            if not has_member(archive, PROJECT):
                raise FileFault(f"{shown(path)} is a zip, but not a Synapscope project; choose another file.")
            body = _parse(read_member(archive, PROJECT, MAX_PROJECT_BYTES), shown(path))
            project, trained, places = _projects(body)
            if body.progress is None:
                return _loaded(body, project, trained, None)
            if places is None:
                raise Unreadable(f"its network has learned, but cannot run: {why_not(trained.design)}")
            progress = decode_progress(body.progress)
            data = read_member(archive, WEIGHTS, most_bytes(places, trained.training.optimizer.slots))
            checkpoint = unpack_weights(data, progress, trained, places)
            return _loaded(body, project, trained, checkpoint)
    except Unreadable as fault:
        raise _damage(path, fault) from None
    except MemoryError:
        raise FileFault(
            f"{shown(path)} needs more memory than there is; close other programs first."
        ) from None


def project_to_json(project: Project) -> str:
    """A project without anything learned, as JSON text; FileFault if it holds what JSON cannot."""
    try:
        return _packed(project, None, None, {}, environment=False)[0].decode()
    except Unreadable as fault:
        raise FileFault(f"The project cannot be written as JSON: {fault}.") from None


def project_from_json(text: str | bytes, source: str = "The text") -> Project:
    """The project that JSON text describes, or FileFault; `source` is what the sentence calls the text."""
    try:
        data = text.encode() if isinstance(text, str) else text
        if len(data) > MAX_PROJECT_BYTES:
            raise Unreadable(f"it is longer than {MAX_PROJECT_BYTES:,} bytes")
        return _projects(_parse(data, source))[0]
    except Unreadable as fault:
        raise FileFault(f"{source} is not a valid project: {fault}; correct it there.") from None
    except UnicodeError:
        raise FileFault(f"{source} is not valid text; save it as UTF-8.") from None


def _packed(
    project: Project,
    checkpoint: Checkpoint | None,
    trained: Project | None,
    view: Mapping[str, Any],
    environment: bool,
) -> tuple[bytes, bytes | None]:
    """project.json and the weights; Unreadable if `load_project` could not read them back."""
    project, trained = _with_sound_positions(project), trained and _with_sound_positions(trained)
    apart = trained is not None and trained != project and checkpoint is not None
    body = Body(
        format=FORMAT,
        version=VERSION,
        project=encode(project),
        trained=encode(trained) if apart else None,
        progress=None if checkpoint is None else encode_progress(checkpoint),
        view=encode(dict(view), "view"),
        environment=current_environment(project.training.precision) if environment else None,
        program=version() if environment else "",
        saved_at=datetime.now(UTC).isoformat(timespec="seconds") if environment else "",
    )
    text = msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"
    written = _parse(text, "it")
    places = _projects(written)[2]
    if checkpoint is None or written.progress is None:
        return text, None
    if places is None:
        raise Unreadable(f"its network has learned, but cannot run: {why_not((trained or project).design)}")
    decode_progress(written.progress)
    return text, pack_weights(checkpoint, places)


def _with_sound_positions(project: Project) -> Project:
    """A layer without a finite position is laid out by itself; that is no reason to lose work."""
    sound = tuple(place for place in project.positions if all(map(math.isfinite, place[1:])))
    return replace(project, positions=sound)


def _parse(data: bytes, source: str) -> Body:
    """The JSON, with its format and version checked first: of a newer version nothing else is known."""
    try:
        head = msgspec.json.decode(data, type=Head)
        if head.format != FORMAT:
            raise FileFault(f"{source} is not a Synapscope project; choose another.")
        if head.version > VERSION:
            raise FileFault(
                f"{source} was saved by a newer Synapscope (format {head.version}); this one reads formats "
                f"up to {VERSION}; update Synapscope to open it."
            )
        if head.version < 1:
            raise Unreadable(f"there is no format {head.version}")
        return msgspec.json.decode(data, type=Body)
    except (msgspec.MsgspecError, UnicodeError, OverflowError) as error:
        raise Unreadable(f"its JSON is wrong ({error})") from None
    except RecursionError:
        raise Unreadable("its JSON is nested too deeply") from None


def _projects(body: Body) -> tuple[Project, Project, Places | None]:
    """The project, the one that the learned weights belong to, and where the tensors of the latter lie."""
    try:
        project: Project = decode(Project, body.project, "project")
        trained = project if body.trained is None else decode(Project, body.trained, "trained")
    except RecursionError:
        raise Unreadable("its JSON is nested too deeply") from None
    check_design(project.design)
    places = places_of(project.design)
    if trained is not project:
        check_design(trained.design)
        places = places_of(trained.design)
    return project, trained, places


def _loaded(body: Body, project: Project, trained: Project, checkpoint: Checkpoint | None) -> LoadedProject:
    return LoadedProject(
        project=project,
        checkpoint=checkpoint,
        trained=trained,
        view=body.view,
        warnings=() if checkpoint is None else tuple(_warnings(body, checkpoint)),
        saved_at=_moment(body.saved_at),
        program=shortened(body.program),
        environment=body.environment,
    )


def _warnings(body: Body, checkpoint: Checkpoint) -> list[str]:
    warnings = []
    if not np.isfinite(checkpoint.parameters).all():
        warnings.append("Some saved weights are not finite numbers, because training had diverged; reset it.")
    here = current_environment(body.environment.precision) if body.environment else None
    differences = here.differences(body.environment) if here and body.environment else ()
    if differences:
        warnings.append(
            f"It was trained elsewhere ({shortened(', '.join(differences))}), so going on may differ in the "
            "last digits from what it would have given there."
        )
    return warnings


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _damage(path: Path, fault: Unreadable) -> FileFault:
    backup = backup_of(path)
    try:
        found = backup.is_file()
    except (OSError, ValueError):
        found = False
    remedy = f"open its backup {shown(backup)} instead" if found else "open another copy of it"
    return FileFault(f"{shown(path)} is damaged: {fault}; {remedy}.", backup=backup if found else None)
