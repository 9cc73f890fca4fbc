"""The stock architectures: the entries of their configurations that a run depends on, and their tensors.

An entry that a checkpoint does not name has the default of `transformers`; we write every one, so that a
checkpoint does not change its meaning when a default does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Shapes = Iterator[tuple[str, tuple[int, ...]]]


def _size(value: Any) -> bool:
    return type(value) is int and 1 <= value < 2**31


def _flag(value: Any) -> bool:
    return type(value) is bool


def _limits(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple)) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    )


_SHARED: dict[str, tuple[Any, Callable[[Any], bool]]] = {  # its default, if any, and what is valid
    "hidden_size": (None, _size),
    "num_hidden_layers": (None, _size),
    "state_size": (None, _size),
    "expand": (None, _size),
    "conv_kernel": (None, _size),
    "use_bias": (False, _flag),
    "use_conv_bias": (True, _flag),
    "hidden_act": ("silu", lambda value: value == "silu"),
    "layer_norm_epsilon": (1e-5, lambda value: type(value) is float and 0 < value < 1),
    "residual_in_fp32": (True, _flag),
    "tie_word_embeddings": (None, lambda value: value is False),  # the head is not the embedding
}
ENTRIES: dict[str, dict[str, tuple[Any, Callable[[Any], bool]]]] = {
    "mamba": {
        **_SHARED,
        "time_step_rank": (None, _size),
        "use_mambapy": (False, _flag),
        "use_associative_scan": (True, _flag),
    },
    "mamba2": {
        **_SHARED,
        "num_heads": (None, _size),
        "head_dim": (None, _size),
        "n_groups": (None, _size),
        "chunk_size": (256, _size),
        "time_step_limit": ([0.0, float("inf")], _limits),
    },
}
EXACT = {  # the dtypes in which the construction is exact; the tests run each
    "mamba": ("float32", "bfloat16", "float16"),
    "mamba2": ("float32", "bfloat16"),  # its numbers exceed the range of float16
}
CLASSES = {"mamba": "MambaForCausalLM", "mamba2": "Mamba2ForCausalLM"}


def complete(architecture: str, config: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of a configuration, with the defaults of those that it does not name."""
    defaults = {name: default for name, (default, _) in ENTRIES[architecture].items() if default is not None}
    return {**defaults, **config}


def invalid(architecture: str, config: dict[str, Any]) -> str | None:
    """Return the name of an entry that is missing or cannot be used, or None."""
    for name, (_, valid) in ENTRIES[architecture].items():
        if name not in config or not valid(config[name]):
            return name
    if architecture == "mamba2":
        if config["num_heads"] * config["head_dim"] != config["expand"] * config["hidden_size"]:
            return "num_heads"
        if config["num_heads"] % config["n_groups"]:
            return "n_groups"
    return None


def tensor_shapes(architecture: str, config: dict[str, Any], tokens: int) -> Shapes:
    """Yield the name and shape of every tensor, lazily: a damaged configuration may ask for very many.

    Arguments:
        architecture: "mamba" or "mamba2".
        config: complete and valid.
        tokens: size of the vocabulary.
    """
    width = config["hidden_size"]
    yield "backbone.embeddings.weight", (tokens, width)
    mixer = _mamba if architecture == "mamba" else _mamba2
    for layer in range(config["num_hidden_layers"]):
        yield f"backbone.layers.{layer}.norm.weight", (width,)
        for name, shape in mixer(config, width, config["expand"] * width):
            yield f"backbone.layers.{layer}.mixer.{name}", shape
    yield "backbone.norm_f.weight", (width,)
    yield "lm_head.weight", (tokens, width)


def _mamba(config: dict[str, Any], width: int, inner: int) -> Shapes:
    states, rank = config["state_size"], config["time_step_rank"]
    yield from _projections(config, width, inner, 2 * inner, inner)
    yield "x_proj.weight", (rank + 2 * states, inner)
    yield "dt_proj.weight", (inner, rank)
    yield "dt_proj.bias", (inner,)
    yield "A_log", (inner, states)
    yield "D", (inner,)


def _mamba2(config: dict[str, Any], width: int, inner: int) -> Shapes:
    heads = config["num_heads"]
    channels = inner + 2 * config["n_groups"] * config["state_size"]
    yield from _projections(config, width, inner, inner + channels + heads, channels)
    yield "norm.weight", (inner,)
    for name in ("dt_bias", "A_log", "D"):
        yield name, (heads,)


def _projections(config: dict[str, Any], width: int, inner: int, read: int, channels: int) -> Shapes:
    """Yield what both have: the maps in and out, and the convolution."""
    yield "in_proj.weight", (read, width)
    yield "conv1d.weight", (channels, 1, config["conv_kernel"])
    yield "out_proj.weight", (width, inner)
    if config["use_bias"]:
        yield "in_proj.bias", (read,)
        yield "out_proj.bias", (width,)
    if config["use_conv_bias"]:
        yield "conv1d.bias", (channels,)
