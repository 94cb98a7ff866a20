"""Builds what goes to Lambda: a clean staging folder with run-time dependencies only, packed by Zappa into dist/.

Run by `make package`; needs no AWS account. Bytecode is compiled with unchecked hashes, because every entry of the zip
is dated 1980 and time-checked bytecode would be compiled again at every cold start.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("forms", "handlers", "indicators", "infra", "register", "workflows")
STAGE = "dev"
COMPILE = ("-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash")


def main() -> None:
    """Build dist/zhibao.zip and print its size and largest parts."""
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhibao-package-") as name:
        staging = Path(name)
        for package in PACKAGES:
            shutil.copytree(ROOT / package, staging / package, ignore=shutil.ignore_patterns("__pycache__", "*.po"))
        shutil.copy(ROOT / "zappa_settings.json", staging)
        target = _pack(staging, _environment(staging))
        shutil.copy(target, dist / "zhibao.zip")
    _report(dist / "zhibao.zip")


def _environment(staging: Path) -> Path:
    """A virtual environment of its own with run time and Zappa; what only deploys is excluded from the zip."""
    home = staging / ".venv"
    venv.create(home, with_pip=True)
    pip = (str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes")
    for requirements in ("requirements.txt", "requirements-deploy.txt"):
        subprocess.run((*pip, "-r", str(ROOT / requirements)), check=True)
    return home


def _pack(staging: Path, home: Path) -> Path:
    python = str(home / "bin" / "python")
    subprocess.run((python, *COMPILE, *PACKAGES, str(home / "lib")), cwd=staging, check=False)
    environment = {**os.environ, "VIRTUAL_ENV": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}
    zappa = (str(home / "bin" / "zappa"), "package", STAGE, "-o", "zhibao.zip")
    subprocess.run(zappa, cwd=staging, env=environment, check=True)
    return staging / "zhibao.zip"


def _report(path: Path) -> None:
    sizes: dict[str, int] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            top = entry.filename.split("/")[0]
            sizes[top] = sizes.get(top, 0) + entry.file_size
    total = sum(sizes.values())
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {total / 1e6:.1f} MB unzipped\n")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:12]:
        sys.stdout.write(f"  {size / 1e6:7.1f} MB  {name}\n")


if __name__ == "__main__":
    main()
