"""What every insight answers with: made for charts, for CSV and for a terminal alike.

An estimate never stands alone: it has its interval, on how many customers it rests, and examples.
What rests on too little or is not significant is greyed with its reason, never left out or set
to a number.
"""

from collections.abc import Set
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Label(BaseModel):
    """Words for people, in both languages."""

    zh: str = Field(examples=["员工之声与客户之声"])
    en: str = Field(examples=["Employee voice beside customer voice"])


class Unit(StrEnum):
    """What a number of a column is, and how it is shown."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    RATIO = "ratio"
    SCORE = "score"
    DAYS = "days"
    SECONDS = "seconds"
    MONEY = "money"
    PROBABILITY = "probability"
    TIME = "time"


class Estimate(BaseModel):
    """A number that was estimated, with its interval (95 % where the report says no other)."""

    value: float
    low: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"{self.value} is not within {self.low} to {self.high}")
        return self


class ColumnView(BaseModel):
    key: str
    label: Label
    unit: Unit


class Example(BaseModel):
    """A customer to look at, with the events that show it, in the order they happened."""

    customer_id: str
    events: list[str] = Field(description="kind:source:id")


Cell = str | int | float | bool | Estimate | None


class Row(BaseModel):
    """One thing that was found.

    Attributes:
        customers: on whom it rests.
        grey: it says too little, for the reason in `why`.
    """

    cells: dict[str, Cell] = Field(description="By the key of the column.")
    customers: int
    grey: bool = False
    why: Label | None = None
    examples: list[Example] = []


class State(StrEnum):
    OK = "ok"
    TOO_FEW = "too_few"
    NOT_REPRESENTATIVE = "not_representative"


_TOPIC: Final = {"key": "topic", "label": {"zh": "主题", "en": "Topic"}, "unit": "text"}
_DIFFERENCE: Final = {
    "key": "difference",
    "label": {"zh": "差异", "en": "Difference"},
    "unit": "share",
}
_EXAMPLE: Final[dict[str, Any]] = {
    "name": "employee-voice",
    "title": {"zh": "员工之声与客户之声", "en": "Employee voice beside customer voice"},
    "meaning": {"zh": "谁更常提到", "en": "Who speaks of it more"},
    "since": "2025-11-24T00:00:00Z",
    "until": "2026-11-24T00:00:00Z",
    "customers": 812,
    "events": 2417,
    "state": "ok",
    "figures": {"reporters": 31},
    "columns": [_TOPIC, _DIFFERENCE],
    "rows": [
        {
            "cells": {
                "topic": "store.odour",
                "difference": {"value": 0.21, "low": 0.15, "high": 0.27},
            },
            "customers": 9,
            "grey": False,
            "why": None,
            "examples": [
                {
                    "customer_id": "0b6f0f5e-4f0d-5d8e-9a53-3a9c8d0f1b11",
                    "events": ["feedback:callcentre:call-20261124-0815"],
                }
            ],
        }
    ],
    "notes": [],
}


class Report(BaseModel):
    """
    Attributes:
        meaning: what the numbers say and what they do not; association is called association.
        figures: what holds for all rows together: R², Kendall's W, an effective sample size.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: str
    title: Label
    meaning: Label
    since: datetime | None = None
    until: datetime | None = None
    customers: int
    events: int
    state: State = State.OK
    figures: dict[str, Cell] = {}
    columns: list[ColumnView]
    rows: list[Row]
    notes: list[Label] = []

    @model_validator(mode="after")
    def _told(self) -> Self:
        known = {column.key for column in self.columns}
        for row in self.rows:
            if strange := row.cells.keys() - known:
                raise ValueError(f"cells without a column: {sorted(strange)}")
        return self


def columns(*told: tuple[str, str, str, Unit]) -> list[ColumnView]:
    """Columns from `(key, Chinese, English, unit)`."""
    return [ColumnView(key=key, label=Label(zh=zh, en=en), unit=u) for key, zh, en, u in told]


def too_few(found: int, needed: int, of: tuple[str, str] = ("位客户", "customers")) -> Label:
    """The reason of a grey row, or of a report, that rests on too little."""
    zh, en = of
    return Label(zh=f"只有 {found} {zh}，至少需要 {needed}", en=f"{found} {en}, {needed} needed")


Value = str | int | float | bool | None


def csv_rows(report: Report) -> list[list[Value]]:
    """A header and a line a row; an estimate takes three columns."""
    spread = {
        column.key
        for column in report.columns
        if any(isinstance(row.cells.get(column.key), Estimate) for row in report.rows)
    }
    header: list[Value] = []
    for column in report.columns:
        key = column.key
        header += [key, f"{key}_low", f"{key}_high"] if key in spread else [key]
    return [
        [*header, "customers", "grey", "why"],
        *(_line(report, row, spread) for row in report.rows),
    ]


def _line(report: Report, row: Row, spread: Set[str]) -> list[Value]:
    line: list[Value] = []
    for column in report.columns:
        cell = row.cells.get(column.key)
        if isinstance(cell, Estimate):
            line += [cell.value, cell.low, cell.high]
        else:
            line += [cell, None, None] if column.key in spread else [cell]
    return [*line, row.customers, row.grey, None if row.why is None else row.why.en]
