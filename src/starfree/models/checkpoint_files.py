"""Writing a checkpoint directory that `transformers` opens by itself.

The files are written by hand, with json and safetensors: building needs neither torch nor transformers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .architectures import CLASSES, complete
from .card import card
from .mamba import Mamba
from .saved import CONFIG, WEIGHTS
from .tokens import token_ids, tokenizer_config, tokenizer_document

FORMAT = "starfree-mamba-1"
GENERATION = "generation_config.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
SIDECAR = "starfree.json"
CARD = "README.md"
_NEW_TOKENS = 256  # a word is cut there; what has been said until then is a live prefix


def write_checkpoint(model: Mamba, directory: Path) -> None:
    """Write the weights, configurations, tokenizer, model card and what starfree knows besides.

    Arguments:
        directory: made if needed; files of these names are replaced.

    Complexity: linear in the size of the model.
    """
    from safetensors.numpy import save

    directory.mkdir(parents=True, exist_ok=True)
    tensors = {name: model.tensors[name] for name in sorted(model.tensors)}
    (directory / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))
    documents = {
        CONFIG: config_document(model),
        GENERATION: generation_document(model),
        TOKENIZER: tokenizer_document(model.alphabet),
        TOKENIZER_CONFIG: tokenizer_config(model.alphabet),
        SIDECAR: sidecar_document(model),
    }
    for name, document in documents.items():
        _write(directory / name, json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    write_card(model, directory)


def write_card(model: Mamba, directory: Path, proof: Mapping[str, Any] | None = None) -> None:
    """Write the model card, `README.md`, again: with a proof when there is one."""
    _write(directory / CARD, card(model, proof))


def config_document(model: Mamba) -> dict[str, Any]:
    """Return the content of `config.json`."""
    entries = complete(model.architecture, model.config)
    if "time_step_limit" in entries:  # JSON has no infinity; this is how transformers writes it
        entries["time_step_limit"] = [
            {"__float__": "Infinity"} if limit == float("inf") else limit
            for limit in entries["time_step_limit"]
        ]
    return {
        "architectures": [CLASSES[model.architecture]],
        "model_type": model.architecture,
        "dtype": "float32",
        "vocab_size": len(model.vocab),
        **_ids(model),
        "use_cache": True,
        **entries,
    }


def generation_document(model: Mamba) -> dict[str, Any]:
    """Return the content of `generation_config.json`: plain sampling, for the logits say all."""
    return {
        "_from_model_config": False,
        **_ids(model),
        "do_sample": True,
        "temperature": 1.0,
        "top_k": 0,
        "top_p": 1.0,
        "max_new_tokens": _NEW_TOKENS,
    }


def sidecar_document(model: Mamba) -> dict[str, Any]:
    """Return the content of `starfree.json`: what no other file says."""
    return {
        "format": FORMAT,
        "task": model.task,
        "alphabet": list(model.alphabet),
        "features": [list(names) for names in model.features],
        "coordinates": [asdict(coordinate) for coordinate in model.coordinates],
        "origin": model.origin,
    }


def _ids(model: Mamba) -> dict[str, int]:
    bos, eos, pad, _ = token_ids(len(model.alphabet))
    return {"bos_token_id": bos, "eos_token_id": eos, "pad_token_id": pad}


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
