"""The environment that a run's exact numbers depend on: NumPy, the BLAS library, its kernel, its threads."""

from __future__ import annotations

import platform
from typing import Any

import msgspec
import numpy as np


class Environment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What must be equal for a run to go on bit for bit; empty or zero where it is not known.

    `kernel` is the processor family whose code BLAS runs, `simd` what NumPy's own loops use.
    """

    numpy: str = ""
    blas: str = ""
    kernel: str = ""
    threads: int = 0
    simd: str = ""
    machine: str = ""
    precision: str = ""

    def differences(self, other: Environment) -> tuple[str, ...]:
        """What differs from `other`, in words: ("NumPy 2.3.0 instead of 2.4.6", …)."""
        words = {
            "numpy": "NumPy",
            "blas": "BLAS",
            "kernel": "BLAS kernel",
            "threads": "BLAS threads",
            "simd": "NumPy kernel",
            "machine": "processor",
        }
        pairs = ((label, getattr(self, name), getattr(other, name)) for name, label in words.items())
        return tuple(f"{label} {mine} instead of {theirs}" for label, mine, theirs in pairs if mine != theirs)


def current_environment(precision: str) -> Environment:
    """The environment of this process; `precision` is that of the numbers, "float32" or "float64"."""
    blas = _blas()
    return Environment(
        numpy=np.__version__,
        blas=f"{blas.get('internal_api', '')} {blas.get('version') or ''}".strip(),
        kernel=str(blas.get("architecture") or ""),
        threads=int(blas.get("num_threads") or 0),
        simd=_simd(),
        machine=platform.machine(),
        precision=precision,
    )


def _blas() -> dict[str, Any]:
    from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # it has no types

    found = [info for info in threadpool_info() if info.get("user_api") == "blas"]
    found.sort(key=lambda info: "numpy" not in str(info.get("filepath")))  # others may have brought their own
    return dict(found[0]) if found else {}


def _simd() -> str:
    """The best instruction set that NumPy found, e.g. "AVX512_SKX"."""
    config: Any = np.show_config(mode="dicts")
    found = config.get("SIMD Extensions", {}).get("found", [])
    return str(found[-1]) if found else ""
