"""Mutation testing of one area of the program: `python -m tests.mutating machine 85` makes deliberate faults in it one
by one, and fails when the tests notice fewer than 85 % of them.

An area is a table of pyproject.toml (`tool.mutants.<area>`, in mutmut's own words). mutmut knows one area only: each is
worked on in a copy of the tree in which it is that one. A fault that no test comes near counts as missed.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "mutants", "var", "*.egg-info", "__pycache__", "screenshots")
FOUND = ("killed", "timeout", "segfault")


def mutated(area: str) -> tuple[int, int]:
    """How many faults the tests noticed, and how many were made."""
    copy = ROOT / "build" / f"mutants-{area}"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    project = copy / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    if f"[tool.mutants.{area}]" not in text:
        sys.exit(f"no area of that name in pyproject.toml: {area}")
    project.write_text(text.replace(f"[tool.mutants.{area}]", "[tool.mutmut]"), encoding="utf-8")
    for command in ("run", "export-cicd-stats"):
        subprocess.run([sys.executable, "-m", "mutmut", command], cwd=copy, check=True)
    stats = json.loads((copy / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    return sum(stats.get(name, 0) for name in FOUND), stats["total"] - stats.get("skipped", 0)


def main(area: str, least: float) -> int:
    """Print the score; 1 when it is below `least` per cent."""
    found, total = mutated(area)
    score = 100 * found / total
    print(f"{area}: {found} of {total} faults noticed, {score:.1f} % (at least {least:.0f} %)")
    return 0 if score >= least else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
