"""The files of a stock checkpoint that a check reads itself before it lets `transformers` open them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .outcome import Rejected, require
from .reading import integer

WEIGHTS = "model.safetensors"
ARCHITECTURES = ("mamba", "mamba2")
SPECIAL = ("bos", "eos", "pad", "unk")


@dataclass(frozen=True)
class Checkpoint:
    """What is checked and needed of the files.

    Arguments:
        alphabet: the symbols of the tokenizer's vocabulary, by id; BOS, EOS, PAD and UNK follow.
        content: the bytes of the weight file.
    """

    alphabet: tuple[str, ...]
    content: bytes

    @property
    def bos(self) -> int:
        return len(self.alphabet)

    @property
    def pad(self) -> int:
        return len(self.alphabet) + 2

    @property
    def size(self) -> int:
        """The number of tokens."""
        return len(self.alphabet) + len(SPECIAL)


def read_checkpoint(directory: Path) -> Checkpoint:
    """Return what the files say, or reject them when they do not fit each other."""
    content = read_bytes(directory, WEIGHTS)
    config = read_object(directory, "config.json")
    require(
        config.get("model_type") in ARCHITECTURES, "config.json names no stock architecture that is known"
    )
    require("quantization_config" not in config, "config.json asks for quantisation")
    model = read_object(directory, "tokenizer.json").get("model")
    vocab = model.get("vocab") if isinstance(model, dict) else None
    if not isinstance(vocab, dict):
        raise Rejected("tokenizer.json has no vocabulary")
    strings: dict[int, str] = {}
    for string, number in vocab.items():
        strings[integer(number, "an id of the vocabulary", 0, len(vocab))] = string
    require(len(strings) == len(vocab) >= len(SPECIAL), "the vocabulary gives an id twice")
    alphabet = tuple(strings[number] for number in range(len(vocab) - len(SPECIAL)))
    for place, name in enumerate(SPECIAL[:-1]):
        number = config.get(f"{name}_token_id")
        require(number == len(alphabet) + place, f"config.json has another {name}_token_id")
    require_sizes(config, len(content))
    return Checkpoint(alphabet, content)


def require_sizes(config: dict[str, Any], size: int) -> None:
    """Reject sizes that need more than the weight file holds, before anything of that size is made."""
    width, layers, expand, states, kernel = (
        integer(config.get(name), name, 1)
        for name in ("hidden_size", "num_hidden_layers", "expand", "state_size", "conv_kernel")
    )
    inner = width * expand
    if config["model_type"] == "mamba":
        heads, channels = integer(config.get("time_step_rank"), "time_step_rank", 1) * inner, inner
    else:
        heads, groups = (integer(config.get(name), name, 1) for name in ("num_heads", "n_groups"))
        channels = inner + 2 * groups * states
    # in_proj, out_proj and the convolution of every layer, and what has a row per head or rank.
    least = layers * (3 * width * inner + channels * kernel + heads)
    require(4 * least <= size, f"{WEIGHTS} is too small for the sizes in config.json")


def read_object(directory: Path, name: str) -> dict[str, Any]:
    """Return a JSON file that holds an object."""
    try:
        value = json.loads(read_bytes(directory, name))
    except (ValueError, RecursionError):
        raise Rejected(f"{name} cannot be read") from None
    require(isinstance(value, dict), f"{name} does not hold an object")
    found: dict[str, Any] = value
    return found


def read_bytes(directory: Path, name: str) -> bytes:
    """Return the content of a file beside the certificate."""
    path = directory / name
    require(path.is_file(), f"{name} is not there")
    try:
        return path.read_bytes()
    except OSError as error:
        raise Rejected(f"{name} cannot be read ({type(error).__name__})") from None
