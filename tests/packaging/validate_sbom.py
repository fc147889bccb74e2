"""Hold CycloneDX documents against the schema of their specification. Runs in .venv-supply."""

import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

paths = [Path(name) for name in sys.argv[1:]]
validator = JsonStrictValidator(SchemaVersion.V1_6)
faults = {path: validator.validate_str(path.read_text("utf-8")) for path in paths}
for path, fault in faults.items():
    print(f"{path}: {'valid' if fault is None else str(fault).partition(chr(10))[0]}")
sys.exit(not paths or any(fault is not None for fault in faults.values()))
