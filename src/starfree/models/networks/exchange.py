"""Weights to and from other libraries: Hugging Face's Mamba and Mamba-2, and `mamba-ssm`'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...errors import BadInput
from ..mamba import Mamba
from ..tokens import token_strings
from .mamba import Mamba2Mixer, MambaMixer
from .network import Network

_OURS, _THEIRS = "backbone.embeddings.weight", "backbone.embedding.weight"  # all that differs in `mamba-ssm`


def to_stock(
    network: Network, member: int, alphabet: tuple[str, ...], task: str, origin: dict[str, Any]
) -> Mamba:
    """Return one member as a checkpoint that Hugging Face `transformers` opens once it is saved.

    Arguments:
        network: a Mamba or Mamba-2 with gates in [0, 1] over the tokens of the alphabet.
        member: its place in the ensemble.
        alphabet, task, origin: as of a `Mamba`.

    Raises:
        BadInput: for a network that `transformers` does not have.

    Complexity: linear in the number of parameters.
    """
    mixer = network.blocks[0].mixer
    tokens = network.lm_head.weight.shape[1]
    if (
        not isinstance(mixer, MambaMixer | Mamba2Mixer)
        or mixer.signed
        or tokens != len(token_strings(alphabet))
    ):
        raise BadInput("this network", "is not one that transformers has", "Use a mamba or a mamba2.")
    tensors = {name: weight[member].cpu().numpy().copy() for name, weight in network.state_dict().items()}
    width = network.lm_head.weight.shape[2]
    config = {
        "hidden_size": width,
        "num_hidden_layers": len(network.blocks),
        "expand": mixer.out_proj.weight.shape[2] // width,
        "conv_kernel": mixer.conv1d.reach + 1,
        "use_conv_bias": mixer.conv1d.bias is not None,
        "layer_norm_epsilon": network.backbone.norm_f.epsilon,
        "tie_word_embeddings": False,
    }
    if isinstance(mixer, MambaMixer):
        config |= {"state_size": mixer.sizes[1], "time_step_rank": mixer.sizes[0]}
        return Mamba("mamba", alphabet, task, config, tensors, (), (), origin)
    config |= {
        "state_size": mixer.parts[1],
        "num_heads": mixer.sizes[2],
        "head_dim": mixer.head,
        "n_groups": 1,
    }
    return Mamba("mamba2", alphabet, task, config, tensors, (), (), origin)


def from_stock(model: Mamba) -> Network:
    """Return a checkpoint as an ensemble of one.

    Raises:
        BadInput: for a configuration that this package's networks do not have.

    Complexity: linear in the number of parameters.

    >>> import starfree
    >>> built = starfree.build("(ab)*", target="mamba")
    >>> to_stock(from_stock(built), 0, built.alphabet, built.task, built.origin) == built
    True
    """
    config = model.config
    unusual = {
        "use_bias": config.get("use_bias", False),
        "n_groups": config.get("n_groups", 1) != 1,
        "time_step_limit": list(config.get("time_step_limit", [0.0, float("inf")])) != [0.0, float("inf")],
    }
    for name, found in unusual.items():
        if found:
            why = f"has {name} {config[name]}, which our networks do not have"
            raise BadInput("this checkpoint", why, "Train it with transformers instead.")
    width, layers = model.width, model.layers
    epsilon = float(config.get("layer_norm_epsilon", 1e-5))
    sizes = {
        "states": config["state_size"],
        "kernel": config["conv_kernel"],
        "expand": config["expand"],
        "conv_bias": config.get("use_conv_bias", True),
    }

    def mixers() -> list[MambaMixer] | list[Mamba2Mixer]:
        if model.architecture == "mamba":
            return [MambaMixer(width, layers, rank=config["time_step_rank"], **sizes)]
        return [Mamba2Mixer(width, layers, head=config["head_dim"], epsilon=epsilon, **sizes)]

    network = Network(len(model.vocab), width, layers, mixers, epsilon=epsilon)
    weights = {name: torch.from_numpy(np.array(weight)[None]) for name, weight in model.tensors.items()}
    network.load_state_dict(weights)
    return network


def to_mamba_ssm(network: Network, member: int = 0) -> dict[str, Tensor]:
    """Return the weights of a Mamba or Mamba-2 by the names of `mamba-ssm`, with an untied head."""
    weights = {name: weight[member].clone() for name, weight in network.state_dict().items()}
    return {_THEIRS if name == _OURS else name: weight for name, weight in weights.items()}


def load_mamba_ssm(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Fill an ensemble of one with weights that have the names of `mamba-ssm`.

    Raises:
        BadInput: when a weight is missing, left over, or of another shape.
    """
    renamed = {_OURS if name == _THEIRS else name: weight[None] for name, weight in weights.items()}
    try:
        network.load_state_dict(renamed)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()
        raise BadInput("these weights", first, "Give those of a network of the same sizes.") from None
