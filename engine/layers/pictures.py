"""Pictures as layers see them, (channels, height, width) with the batch as last axis, and their windows."""

from __future__ import annotations

from typing import Any

from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from engine.layers.base import Shape, ShapeError, times

Array = NDArray[Any]


def picture_of(label: str, shape: Shape) -> tuple[int, int, int]:
    """A source's shape as (channels, height, width), or ShapeError."""
    if len(shape) != 3:
        raise ShapeError(
            f"A layer “{label}” takes a picture (channels × height × width), but is fed {times(shape)}. "
            "Put a Reshape before it.",
            field="inputs",
            expected="channels × height × width",
            found=times(shape),
            repair="insert_reshape",
        )
    return shape


def windows_across(size: int, window: int, stride: int) -> int:
    """How many windows fit along an axis; 0 where not even one does."""
    return max(0, (size - window) // stride + 1)


def need_window(label: str, shape: Shape, window: int, field: str) -> None:
    """ShapeError unless at least one window fits into a picture."""
    if min(shape[1:]) < window:
        raise ShapeError(
            f"The window of this {label} layer is {window} × {window}, larger than its picture, "
            f"{times(shape[1:])}.",
            field=field,
            expected=f"at most {min(shape[1:])}",
            found=str(window),
            repair="shrink_window",
        )


def windows_of(picture: Array, window: int, stride: int, dilation: int = 1) -> Array:
    """All windows as a view: (channels, height, width, batch) → (channels, i, j, rows, columns, batch).

    [c, i, j, y, x, b] is the picture's [c, y·stride + i·dilation, x·stride + j·dilation, b].
    """
    channels, height, width, batch = picture.shape
    reach = dilation * (window - 1) + 1
    rows, columns = windows_across(height, reach, stride), windows_across(width, reach, stride)
    c, y, x, b = picture.strides
    return as_strided(
        picture,
        (channels, window, window, rows, columns, batch),
        (c, y * dilation, x * dilation, y * stride, x * stride, b),
        writeable=picture.flags.writeable,
    )


def columns_of(picture: Array, window: int, stride: int, dilation: int) -> Array:
    """Every row moved by each column of a window, as a view: → (height, channels, j, columns, batch).

    [y, c, j, x, b] is the picture's [c, y, x·stride + j·dilation, b].
    """
    channels, height, width, batch = picture.shape
    columns = windows_across(width, dilation * (window - 1) + 1, stride)
    c, y, x, b = picture.strides
    return as_strided(
        picture,
        (height, channels, window, columns, batch),
        (y, c, x * dilation, x * stride, b),
        writeable=picture.flags.writeable,
    )
