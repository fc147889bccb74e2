"""The encoder with its heads in torch: what is trained, and what the torch backend runs.

One BERT encoder (Devlin et al. 2019). A question (sentiment, an aspect, ...) has a learned query
that attends over the pieces, as in hierarchical attention networks (Yang et al. 2016); its answer
is read from what it attended to and the first piece. Tags and pair vectors are read from each
piece.
"""

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
        self.embedding = torch.nn.Linear(2 * width, EMBEDDING)

    def forward(self, ids: Any, segments: Any, mask: Any = None) -> tuple[Any, ...]:
        """Logits of all heads, in the order of `Outputs`; `mask` is 1 for pieces, 0 for padding."""
        hidden = self.encoder(
            input_ids=ids, token_type_ids=segments, attention_mask=mask
        ).last_hidden_state
        hidden = self.dropout(hidden)
        scores = torch.matmul(hidden, self.queries.t()).transpose(1, 2)
        if mask is not None:
            scores = scores.masked_fill(mask[:, None, :] == 0, float("-inf"))
        attention = torch.softmax(scores.float(), dim=-1)
        pooled = torch.matmul(attention.to(hidden.dtype), hidden) + hidden[:, :1, :]
        answers = torch.matmul(pooled.unsqueeze(2), self.weights).squeeze(2) + self.bias
        pairs = self.pairs(hidden).unflatten(-1, (2, PAIR_WIDTH))
        embedding = self.embedding(features(hidden, mask))
        return answers, attention, self.tags(hidden), pairs, embedding.squeeze(1)

    def new_parameters(self) -> list[Any]:
        """What starts without pretraining, and learns faster."""
        encoder = {id(one) for one in self.encoder.parameters()}
        return [one for one in self.parameters() if id(one) not in encoder]


def features(hidden: Any, mask: Any = None) -> Any:
    """What the embedding is read from [batch, 1, 2 width]: the first piece and the mean of all."""
    if mask is None:
        mean = hidden.mean(dim=1, keepdim=True)
    else:
        weights = mask[:, :, None].to(hidden.dtype)
        mean = (hidden * weights).sum(dim=1, keepdim=True) / weights.sum(dim=1, keepdim=True)
    return torch.cat((hidden[:, :1], mean), dim=-1)
