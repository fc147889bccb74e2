"""What an upload may be refused with, beside what every write may."""

from typing import Final

from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.openapi.refusals import INVALID, TOO_LARGE, TOO_MANY

_COLUMNS: Final = [
    {"position": 0, "column": "评论", "target": "text", "sure": 0.6, "reason": "longest texts"}
]

UPLOAD: Final = refusing(
    Refusal(400, "bad-form", "The body is no complete form", "the body is no multipart/form-data"),
    Refusal(
        413,
        "too-large",
        "The file, or a field of the form, is too large",
        "a file has at most 100000000 bytes; split it, or send it with heedful import",
        name="file-too-large",
    ),
    TOO_LARGE,
    TOO_MANY,
    Refusal(
        415,
        "not-a-form",
        "The body is not multipart/form-data",
        "send multipart/form-data with a boundary, as curl -F does",
    ),
    INVALID,
    Refusal(
        422, "no-file", "The form has no file", "the form has no part 'file' with a file in it"
    ),
    Refusal(422, "two-files", "The form has more than one file", "one form has one file"),
    Refusal(
        422, "unreadable", "The file cannot be read", "the file is neither CSV, Excel nor JSONL"
    ),
    Refusal(
        422,
        "import-incomplete",
        "Something is not known of the file",
        "no column holds the text: say which with map=text=COLUMN",
        {"missing": ["text"], "doubts": [], "columns": _COLUMNS},
    ),
    Refusal(
        422,
        "import-in-doubt",
        "Something is only guessed, and nobody agreed to that",
        "some of it is only guessed; say it with map and the like, or accept_guesses=true",
        {"missing": [], "doubts": ["text is taken from 评论"], "columns": _COLUMNS},
    ),
    Refusal(
        429,
        "too-many-imports",
        "The tenant has enough imports under way",
        "20 imports of this tenant have not ended; send it later",
    ),
)
