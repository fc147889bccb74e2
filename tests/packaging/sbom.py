"""Write a bill of materials for each image. Run by `make sbom`, which validates them."""

import argparse
import json
from pathlib import Path

from tests.packaging.bom import bom
from tests.packaging.licences import POLICY, STATED, held
from tests.packaging.policy import parsed
from tests.packaging.wanted import project


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    version = project()["project"]["version"]
    policy = parsed(POLICY.read_text("utf-8"))
    stated = json.loads(STATED.read_text("utf-8"))
    for image, releases in held().items():
        path = folder / f"heedful-{image}.cdx.json"
        document = bom(image, version, releases, policy, stated)
        path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
        print(f"{path}: {len(document['components'])} components")


if __name__ == "__main__":
    main()
