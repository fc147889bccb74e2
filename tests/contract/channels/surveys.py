"""What the tests of survey tools have in common."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from heedful.ingest.channels import Draft, Unverified
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.channels.survey_options import SurveyOptions
from tests.contract.channels.harness import Case, request

TOKEN = "example-token-0001"


def fixture(folder: Path, name: str) -> Any:
    return orjson.loads((folder / f"{name}.json").read_bytes())


def with_token(adapter: AnyAdapter, document: Any, options: SurveyOptions | None = None) -> Case:
    """The document, sent by a vendor that signs nothing."""
    return Case(
        adapter,
        request(orjson.dumps(document), query={"token": TOKEN}),
        adapter.secrets(token=TOKEN),
        options or SurveyOptions(),
    )


def only(case: Case) -> dict[str, Any]:
    """The values of the one item that came out."""
    (item,) = case.items()
    assert isinstance(item, Draft)
    return item.values


def asks_for_its_token(case: Case) -> None:
    """Without the connection's token in the URL nothing is read; with it, it goes no further."""
    assert case.request.query == {"token": TOKEN}
    assert case.opened().query == {}
    for query in ({}, {"token": ""}, {"token": TOKEN[:-1]}, {"token": f"{TOKEN}é"}):
        with pytest.raises(Unverified):
            case.adapter.verify(request(case.request.body, query=query), case.secrets)
