"""Holds the architecture: who may import whom, what nobody may use, and that every module says what it is."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("engine", "gui")
TOP_LEVEL_FOLDERS = {"engine", "gui", "resources", "tests", "benchmarks", "packaging", "docs"}
# What a tool or a build leaves behind; never committed (.gitignore).
LEFT_BEHIND = {"build", "dist", "htmlcov", "synapscope.egg-info", "__pycache__"}

ENGINE_NEVER = {"PySide6", "shiboken6", "pyqtgraph", "gui", "torch", "sklearn"}
# Files, downloads and the command line import their libraries; everything else computes, with NumPy alone.
ENGINE_BORDER = ("engine.files", "engine.cli", "engine.datasets.downloads")
FORBIDDEN_NAMES = {"pickle", "cPickle", "dill", "QSettings", "QDataStream"}
FORBIDDEN_CALLS = {"eval", "exec"}

# The floors of gui/, highest first: an import may go down or stay on its floor, never up.
# What is not named here is on the ground floor: document, session, widgets, theme, actions and the like.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("gui.self_test",),
    ("gui.app",),
    ("gui.main_window",),
    ("gui.flyouts", "gui.availability"),
    ("gui.panels", "gui.charts", "gui.canvas"),
)


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its tree and what it imports."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        return _parse(self.path)

    def imports(self, *, at_load: bool = False) -> set[str]:
        """Dotted names imported anywhere, or only those imported while the module itself loads."""
        nodes = _nodes_at_load(self.tree) if at_load else ast.walk(self.tree)
        return {name for node in nodes for name in self._imported_by(node)}

    def _imported_by(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = self._resolve(node)
            # `from gui.panels import data` imports the module gui.panels.data, if there is one
            for name in (f"{base}.{alias.name}" for alias in node.names):
                yield name if _is_module(name) else base

    def _resolve(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.path.name == "__init__.py" else self.name.split(".")[:-1]
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _nodes_at_load(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when the module is loaded: not functions' bodies, nor what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _is_type_checking(child):
            continue
        yield child
        yield from _nodes_at_load(child)


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _modules(*folders: str) -> list[Module]:
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [Module(_module_name(path), path) for path in paths]


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _floor(name: str) -> int:
    return next(
        (i for i, rooms in enumerate(FLOORS) if any(_within(name, room) for room in rooms)), len(FLOORS)
    )


SOURCES = [*_modules(*PACKAGES), Module("main", ROOT / "main.py")]
ENGINE = [module for module in SOURCES if _within(module.name, "engine")]
GUI = [module for module in SOURCES if _within(module.name, "gui")]


def test_the_engine_knows_neither_qt_nor_the_window_nor_other_frameworks() -> None:
    wrong = {
        (module.name, name)
        for module in ENGINE
        for name in module.imports()
        if name.partition(".")[0] in ENGINE_NEVER
    }
    assert not wrong


def test_the_computing_core_loads_only_numpy_and_the_standard_library() -> None:
    allowed = set(sys.stdlib_module_names) | {"numpy", "engine"}
    wrong = {
        (module.name, name)
        for module in ENGINE
        if not any(_within(module.name, border) for border in ENGINE_BORDER)
        for name in module.imports(at_load=True)
        if name.partition(".")[0] not in allowed
    }
    assert not wrong


def test_the_core_does_not_know_files_and_the_command_line() -> None:
    wrong = {
        (module.name, name)
        for module in ENGINE
        if not any(_within(module.name, border) for border in ENGINE_BORDER)
        for name in module.imports()
        if any(_within(name, border) for border in ("engine.files", "engine.cli"))
    }
    assert not wrong


def test_imports_in_the_window_point_down() -> None:
    wrong = {
        (module.name, name)
        for module in GUI
        for name in module.imports()
        if _within(name, "gui") and _floor(name) < _floor(module.name)
    }
    assert not wrong


def test_panels_never_import_each_other() -> None:
    wrong = {
        (module.name, name)
        for module in GUI
        if module.name.startswith("gui.panels.")
        for name in module.imports()
        if name.startswith("gui.panels.") and name.split(".")[2] != module.name.split(".")[2]
    }
    assert not wrong


def test_only_main_reaches_up_to_the_application() -> None:
    wrong = {
        (module.name, name)
        for module in SOURCES
        for name in module.imports()
        if _within(name, "main")
        or (_within(name, "gui.self_test") and not module.name.startswith(("main", "gui.self_test")))
    }
    assert not wrong


def test_main_loads_nothing_but_the_standard_library() -> None:
    imports = Module("main", ROOT / "main.py").imports(at_load=True)
    assert {name.partition(".")[0] for name in imports} <= set(sys.stdlib_module_names)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = networkx.DiGraph()
    names = {module.name for module in SOURCES}
    for module in SOURCES:
        graph.add_edges_from(
            (module.name, name) for name in module.imports(at_load=True) & names - {module.name}
        )
    assert not list(networkx.simple_cycles(graph))


@pytest.mark.parametrize(
    "module", [*SOURCES, *_modules("tests", "benchmarks", "packaging")], ids=lambda m: m.name
)
def test_every_module_opens_by_saying_what_it_is(module: Module) -> None:
    docstring = ast.get_docstring(module.tree)
    assert docstring, f"{module.path.relative_to(ROOT)} has no docstring"
    assert docstring.split("\n\n")[0].rstrip().endswith((".", "?", "!", ":")), (
        "it opens with a whole sentence"
    )


@pytest.mark.parametrize("module", SOURCES, ids=lambda m: m.name)
def test_nothing_can_run_code_from_data(module: Module) -> None:
    names = {node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name)}
    names |= {part for name in module.imports() for part in name.split(".")}
    names |= {
        alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    attributes = {node.attr for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)}
    assert not (names | attributes) & FORBIDDEN_NAMES
    called = {
        node.func.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & FORBIDDEN_CALLS


@pytest.mark.parametrize("module", SOURCES, ids=lambda m: m.name)
def test_arrays_are_never_loaded_with_pickles(module: Module) -> None:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


def test_the_house_has_only_the_rooms_of_the_plan() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders - LEFT_BEHIND <= TOP_LEVEL_FOLDERS
    assert not (ROOT / "packaging" / "__init__.py").exists(), "it would shadow the library of that name"


def test_every_folder_with_code_is_a_package() -> None:
    folders = {module.path.parent for module in SOURCES if module.name != "main"}
    missing = [folder for folder in folders if not (folder / "__init__.py").is_file()]
    assert not missing, "without __init__.py they would be left out of the installed program"


def test_tests_have_distinct_names_and_no_packages() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    names = [path.name for path in files]
    assert "__init__.py" not in names
    assert sorted(set(names)) == sorted(names)
