"""Settings of nlp alone; the shared ones are in heedful.common.settings."""

from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from heedful.common.retention_days import Days
from heedful.nlp.cores import cores

_MOST_WORKERS: Final = 8
"""More threads of one interpreter wait for each other; start another process instead."""


class Backend(StrEnum):
    ONNX = "onnx"
    TORCH = "torch"


class NlpSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_NLP__", extra="ignore", frozen=True)

    backend: Backend = Field(
        default=Backend.ONNX, description="onnx, or torch with the extra nlp-torch installed."
    )
    workers: int = Field(
        default_factory=lambda: min(_MOST_WORKERS, cores()),
        ge=1,
        description="Inference threads. Default: the cores of the container, at most 8.",
        json_schema_extra={"shown_default": "cores, at most 8"},
    )
    cache_texts: int = Field(
        default=4096,
        ge=0,
        description="Labels of so many short texts are kept for when they come again; 0: none.",
    )
    waiting_texts: int = Field(
        default=1024,
        ge=1,
        description="`POST /v1/enrich` answers 429 while so many texts wait or are in work.",
    )
    policy: Path | None = Field(
        default=None,
        description="File of the light's policy; docs/policy.md says how one is written.",
        json_schema_extra={"shown_default": "the policy in the package"},
    )
    taxonomy: Path | None = Field(
        default=None,
        description="File of the topics; docs/taxonomy.md says how one is written.",
        json_schema_extra={"shown_default": "the taxonomy in the package"},
    )
    mask_names: bool = Field(
        default=True,
        description="Names and addresses of people become `<name>` and `<address>` in what nlp "
        "publishes; docs/security.md says which it finds.",
    )
    embeddings: bool = Field(
        default=True,
        description="What nlp publishes carries its embedding (0.7 kB), by which journey finds "
        "what means about the same; docs/search.md.",
    )
    correction_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="Labels can be corrected for so long; nlp keeps the enrichments meanwhile.",
    )
    words_days: Days = Field(
        default=365,
        description="Corrections keep the words that were judged for so long, to train on; "
        "0: for ever.",
    )
    audit_items: int = Field(
        default=100,
        ge=0,
        le=500,
        description="Size of each tenant's weekly random sample for audit; 0: none is drawn.",
    )
