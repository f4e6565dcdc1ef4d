"""Searching the palette: by the words of the field as well as by titles, the best match first."""

from __future__ import annotations

from collections.abc import Iterable

from engine.activations import ACTIVATIONS

SYNONYMS: dict[str, tuple[str, ...]] = {
    "dense": ("fully connected", "linear", "fc", "mlp", "perceptron", "neurons", "hidden layer"),
    "conv2d": ("convolutional", "cnn", "kernel", "filter"),
    "max_pool2d": ("subsampling", "downsampling", "maxpooling2d"),
    "avg_pool2d": ("mean pooling", "average pooling 2d", "averagepooling2d"),
    "global_avg_pool2d": ("gap", "global pooling", "global average pooling"),
    "batch_norm": ("bn", "batchnorm", "batch normalisation"),
    "layer_norm": ("ln", "layernorm", "layer normalisation"),
    "add": ("skip connection", "residual", "residual connection", "shortcut", "sum", "resnet"),
    "multiply": ("gate", "product", "elementwise"),
    "concatenate": ("merge", "join", "stack", "cat"),
    "activation": ("nonlinearity", "transfer function"),
    "prelu": ("parametric relu",),
    "dropout": ("regularization", "regularisation"),
    "flatten": ("vectorize", "unroll"),
    "reshape": ("view", "unflatten"),
    "input": ("features",),
    "lenet": ("cnn", "convnet", "convolutional network"),
    "mlp": ("multilayer perceptron", "feedforward", "fully connected"),
    "residual": ("resnet", "skip connection"),
    "mnist": ("handwritten",),
}
"""What else the things of the palette are called, by name: a kind of layer, a network, a data set."""

_EXACT, _BEGINS, _WORD, _WITHIN, _SENTENCE = range(5)
_LEAST = 3
"""Letters of an activation's name from which on it is taken to be meant."""


def squeezed(text: str) -> str:
    """The letters and digits of a text alone: “Max-Pool 2D” is “maxpool2d”."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def rank(query: str, names: Iterable[str], about: str) -> int | None:
    """How well something fits what is searched for, 0 best; None where not at all.

    Spaces and hyphens do not matter. A name counts more than the sentence about it.
    """
    found = [fit for name in names if (fit := _fit(squeezed(query), name)) is not None]
    if found:
        return min(found)
    text = f"{' '.join(names)} {about}".casefold()
    plain = squeezed(text)
    words = query.casefold().split()
    return _SENTENCE if words and all(word in text or squeezed(word) in plain for word in words) else None


def _fit(query: str, name: str) -> int | None:
    plain = squeezed(name)
    if not query or query not in plain:
        return None
    if query == plain:
        return _EXACT
    if plain.startswith(query):
        return _BEGINS
    return _WORD if any(squeezed(word).startswith(query) for word in name.split()) else _WITHIN


def activation_meant(query: str) -> str:
    """The activation that a search names best, by its name in the registry; "" for none."""
    if len(squeezed(query)) < _LEAST:
        return ""
    fits = {name: rank(query, (name, entry.label), "") for name, entry in ACTIVATIONS.items()}
    found = [(fit, name) for name, fit in fits.items() if fit is not None]
    return min(found, key=lambda pair: pair[0])[1] if found else ""
