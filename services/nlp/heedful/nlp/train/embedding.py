"""The embedding of a text: the pretrained encoder's, read out of the trained one.

The pretrained encoder (BAAI, bge-small-zh-v1.5) puts texts of like meaning beside each other: its
first piece, at length 1, is what its authors compare. Training for labels moves that, and a second
encoder would double the work. A linear map from the trained encoder's first piece and mean gives it
back, as far as it is still there; it is fitted by ridge regression, in closed form, on the training
texts, and changes nothing else.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch

from heedful.nlp.backend.torch_network import Network, features
from heedful.nlp.encoder.padding import by_length, padded

_RIDGE: Final = 1e-2
_PADDED: Final = 4096


def fit(network: Network, teacher: Any, texts: Sequence[Sequence[int]], pad: int) -> None:
    """Fit the embedding of a network in place.

    Args:
        network: the trained network.
        teacher: the pretrained encoder, on the same vocabulary.
        texts: pieces of each text with their marks.
        pad: the number of the piece that fills up.
    """
    width = 2 * network.encoder.config.hidden_size + 1
    square = torch.zeros(width, width, dtype=torch.float64)
    product = torch.zeros(width, network.embedding.out_features, dtype=torch.float64)
    count = 0
    for inputs, wanted in _pairs(network, teacher, texts, pad):
        square += inputs.T @ inputs
        product += inputs.T @ wanted
        count += len(inputs)
    square += _RIDGE * count * torch.eye(width, dtype=torch.float64)
    solved = torch.linalg.solve(square, product)
    with torch.no_grad():
        network.embedding.weight.copy_(solved[:-1].T)
        network.embedding.bias.copy_(solved[-1])


def likeness(network: Network, teacher: Any, texts: Sequence[Sequence[int]], pad: int) -> float:
    """The mean cosine between the embeddings of both, 1 where they are the same."""
    found: list[float] = []
    weight, bias = network.embedding.weight.double(), network.embedding.bias.double()
    for inputs, wanted in _pairs(network, teacher, texts, pad):
        made = inputs[:, :-1] @ weight.T + bias
        found += torch.cosine_similarity(made, wanted).tolist()
    return sum(found) / max(len(found), 1)


def _pairs(
    network: Network, teacher: Any, texts: Sequence[Sequence[int]], pad: int
) -> Iterator[tuple[Any, Any]]:
    """Features of the one with a 1 at their end, and embeddings of the other, both float64."""
    network.eval()
    teacher.eval()
    for numbers in by_length([len(one) for one in texts], _PADDED):
        filled = padded([texts[number] for number in numbers], pad)
        ids, mask = (torch.from_numpy(one) for one in filled)
        with torch.inference_mode():
            hidden = network.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            inputs = features(hidden, mask).squeeze(1).double()
            first = teacher(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0].double()
        ones = torch.ones(len(inputs), 1, dtype=torch.float64)
        yield torch.cat((inputs, ones), dim=1), torch.nn.functional.normalize(first, dim=-1)
