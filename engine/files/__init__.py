"""Files: projects on disk, and what is written by itself so that a crash loses nothing."""

from engine.files.autosave import Autosave, Recovery, find_abandoned
from engine.files.faults import FileFault
from engine.files.project import (
    BACKUP_SUFFIX,
    FORMAT,
    SUFFIX,
    VERSION,
    LoadedProject,
    backup_of,
    load_project,
    original_of,
    project_from_json,
    project_to_json,
    save_project,
)

__all__ = [
    "BACKUP_SUFFIX",
    "FORMAT",
    "SUFFIX",
    "VERSION",
    "Autosave",
    "FileFault",
    "LoadedProject",
    "Recovery",
    "backup_of",
    "find_abandoned",
    "load_project",
    "original_of",
    "project_from_json",
    "project_to_json",
    "save_project",
]
