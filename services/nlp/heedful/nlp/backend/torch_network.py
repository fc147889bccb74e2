"""The encoder with its heads in torch: what is trained, and what the torch backend runs.

One BERT encoder (Devlin et al. 2019). A question (sentiment, an aspect, ...) has a learned query
that attends over the pieces, as in hierarchical attention networks (Yang et al. 2016); its answer
is read from what it attended to and the first piece. Tags and pair vectors are read from each
piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from transformers import BertConfig, BertModel

from heedful.nlp.encoder.tasks import CLASSES, EMBEDDING, PAIR_WIDTH, QUERIES, TAGS

_SPREAD: Final = 0.02


@dataclass(frozen=True, slots=True)
class Outputs:
    """`answers` [batch, queries, classes] logits; `attention` [batch, queries, pieces];
    `tags` [batch, pieces, tags] logits; `pairs` [batch, pieces, 2, width]: as aspect, as opinion;
    `embedding` [batch, width].
    """

    answers: Any
    attention: Any
    tags: Any
    pairs: Any
    embedding: Any


class Network(torch.nn.Module):
    """Encoder and heads."""

    def __init__(self, config: BertConfig, dropout: float = 0.1) -> None:
        super().__init__()
        width = config.hidden_size
        self.encoder = BertModel(config, add_pooling_layer=False)
        self.dropout = torch.nn.Dropout(dropout)
        self.queries = torch.nn.Parameter(torch.zeros(QUERIES, width))
        self.weights = torch.nn.Parameter(torch.randn(QUERIES, width, CLASSES) * _SPREAD)
        self.bias = torch.nn.Parameter(torch.zeros(QUERIES, CLASSES))
        self.tags = torch.nn.Linear(width, TAGS)
        self.pairs = torch.nn.Linear(width, 2 * PAIR_WIDTH)
        # Fitted when all else is trained: heedful.nlp.train.embedding.
        self.embedding = Embedding((2 * config.num_hidden_layers + 1) * width)

    def forward(self, ids: Any, segments: Any, mask: Any = None) -> tuple[Any, ...]:
        """Logits of all heads, in the order of `Outputs`; `mask` is 1 for pieces, 0 for padding."""
        found = self.encoder(
            input_ids=ids, token_type_ids=segments, attention_mask=mask, output_hidden_states=True
        )
        hidden = self.dropout(found.last_hidden_state)
        scores = torch.matmul(hidden, self.queries.t()).transpose(1, 2)
        if mask is not None:
            scores = scores.masked_fill(mask[:, None, :] == 0, float("-inf"))
        attention = torch.softmax(scores.float(), dim=-1)
        pooled = torch.matmul(attention.to(hidden.dtype), hidden) + hidden[:, :1, :]
        answers = torch.matmul(pooled.unsqueeze(2), self.weights).squeeze(2) + self.bias
        pairs = self.pairs(hidden).unflatten(-1, (2, PAIR_WIDTH))
        embedding = self.embedding(features(found.hidden_states, mask))
        return answers, attention, self.tags(hidden), pairs, embedding.squeeze(1)

    def new_parameters(self) -> list[Any]:
        """What starts without pretraining, and learns faster."""
        encoder = {id(one) for one in self.encoder.parameters()}
        return [one for one in self.parameters() if id(one) not in encoder]


class Embedding(torch.nn.Module):
    """A linear map from features of a text to its embedding.

    Each feature is brought to mean 0 and variance 1 first: rounded to int8 they share one scale.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.middle = torch.nn.Parameter(torch.zeros(width))
        self.scale = torch.nn.Parameter(torch.ones(width))
        self.map = torch.nn.Linear(width, EMBEDDING)

    def forward(self, features: Any) -> Any:
        return self.map((features - self.middle) * self.scale)


def features(states: Sequence[Any], mask: Any = None) -> Any:
    """What the embedding is read from, [batch, 1, (2 layers + 1) width]: the first piece of every
    layer, then the mean of all pieces as they were looked up and of every layer.

    Args:
        states: what was looked up, and what each layer made of it, [batch, pieces, width].
        mask: 1 for pieces, 0 for padding, [batch, pieces].
    """
    firsts = [hidden[:, :1] for hidden in states[1:]]
    return torch.cat(firsts + [_mean(hidden, mask) for hidden in states], dim=-1)


def _mean(hidden: Any, mask: Any) -> Any:
    if mask is None:
        return hidden.mean(dim=1, keepdim=True)
    weights = mask[:, :, None].to(hidden.dtype)
    return (hidden * weights).sum(dim=1, keepdim=True) / weights.sum(dim=1, keepdim=True)
