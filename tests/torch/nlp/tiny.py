"""An encoder of a few thousand weights, random, on which everything runs in a second."""

from functools import cache

import torch
from transformers import BertConfig

from heedful.nlp.backend.torch_network import Network
from heedful.nlp.encoder.engine import Temperatures
from heedful.nlp.encoder.wordpiece import SPECIAL
from heedful.nlp.train.export import export

# Threads inside an operation cost more than they bring at this size.
torch.set_num_threads(1)

WORDS = "味道好差服务态度慢快价格贵淡很不真的了，。手机卡"
VOCABULARY = [*SPECIAL, *dict.fromkeys(WORDS), "good", "bad", "##s"]


def untrained(seed: int = 1) -> Network:
    """As training begins."""
    torch.manual_seed(seed)
    return Network(
        BertConfig(
            vocab_size=len(VOCABULARY),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=512,
        )
    )


def network(seed: int = 1) -> Network:
    """With weights as wide apart as trained ones are, so that rounding them shows."""
    made = untrained(seed)
    with torch.no_grad():
        for name, weight in made.named_parameters():
            weight.normal_(mean=float(name.endswith("LayerNorm.weight")), std=0.2)
    made.eval()
    return made


@cache
def model_file() -> bytes:
    return export(network(), VOCABULARY, "tiny-1", Temperatures(emotion=1.5))
