"""Builds what goes to Lambda: a clean folder of run-time dependencies and our own code, checked and packed into dist/.

Run by `make package`; needs no AWS account. One package serves every stage: nothing in it belongs to an installation,
and Zappa uploads it as it is. Bytecode is compiled with unchecked hashes: every entry of the zip is dated 1980, and
bytecode checked by time would be compiled again at every cold start.
"""

import compileall
import json
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
PACKAGE = DIST / "zhibao.zip"
OURS = ("forms", "handlers", "indicators", "infra", "register", "workflows")
SHIPPED = {".py", ".yaml", ".csv", ".html", ".css", ".js", ".svg", ".mo"}
"""Kinds of our files that the program reads; whatever else lies about in our folders stays behind."""
NOT_IN_A_FUNCTION = {
    "forms/xlsform.py",
    "forms/xlsform_expressions.py",
    "forms/xlsform_items.py",
    "forms/xlsform_outline.py",
    "forms/xlsform_questions.py",
    "forms/xlsform_sheets.py",
    "forms/xlsform_values.py",
    "handlers/cli.py",
    "handlers/commands",
    "handlers/demo",
    "handlers/helping.py",
    "handlers/serving.py",
    "infra/package.py",
    "infra/template.yaml",
    "infra/template_ses.yaml",
}
"""What serves one machine, or deploys."""
NOT_NEEDED = [
    *("bin", "share", "waitress*", "tqdm*", "_duckdb-stubs", "adbc_driver_duckdb", "boto3/examples"),
    *("**/*.pyi", "**/*.po", "**/py.typed", "*.dist-info/RECORD", "*.dist-info/direct_url.json", "*.dist-info/sboms"),
]
"""Of the dependencies: servers and progress bars of the command line, stubs, what only pip reads."""
SERVICES = {"dynamodb", "kms", "lambda", "s3", "sesv2", "ssm", "sts"}
"""The AWS services whose descriptions stay in botocore; it comes with some 400."""
GLIBC = {"python3.11": 26, "python3.12": 34, "python3.13": 34, "python3.14": 34}
"""Minor version of glibc 2 under each Lambda runtime: Amazon Linux 2, then Amazon Linux 2023."""
MOST_ZIPPED, MOST_UNZIPPED = 50_000_000, 250_000_000
"""Bytes: what Lambda takes in one request, and what it unpacks."""
FORBIDDEN = re.compile(r"(^|/)(tests?|var|\.env|secret_keys|objects|mail)(/|$)|\.(sqlite3|po|key|log)$")
_EPOCH = (1980, 1, 1, 0, 0, 0)


class PackageRefused(RuntimeError):
    """The package would not run, or holds what it must not; the text says what."""


def main() -> None:
    """Build the package and print its size and contents."""
    build(PACKAGE)
    for line in report(PACKAGE):
        sys.stdout.write(line + "\n")


def build(target: Path) -> None:
    """Write the package. Raises `PackageRefused`, and `CalledProcessError` when pip fails."""
    runtime = _runtime()
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zhibao-package-") as name:
        staging = Path(name)
        install_dependencies(staging, runtime.removeprefix("python"))
        stage_ours(staging)
        prune(staging)
        check(staging, runtime)
        compile_pages(staging)
        compile_all(staging)
        pack(staging, target)
    zipped = target.stat().st_size
    if zipped > MOST_ZIPPED:
        raise PackageRefused(f"{zipped / 1e6:.1f} MB: more than the {MOST_ZIPPED / 1e6:.0f} MB that Lambda takes")


def _runtime() -> str:
    """The runtime the stages ask for, which must be the Python that compiles. Raises `PackageRefused`."""
    wanted: str = json.loads((ROOT / "zappa_settings.json").read_text(encoding="utf-8"))["base"]["runtime"]
    present = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if wanted != present:
        raise PackageRefused(
            f"zappa_settings.json 要的是 {wanted}，而这里是 {present}：请先 make clean，再 make package PYTHON={wanted}"
            f" (the stages want {wanted}; bytecode of {present} does not serve it)"
        )
    return wanted


def install_dependencies(staging: Path, version: str) -> None:
    """Wheels for Lambda's Linux and this Python, whatever machine we are on, by their hashes.

    Of several wheels the one for the oldest Linux: some are named for a newer one than they need, so the newest name is
    allowed too, and `check` looks at what each file asks for.
    """
    target = ("--target", str(staging), "--no-compile", "--no-deps", "--only-binary", ":all:")
    platform = [word for tag in ("2014_", "_2_17_", "_2_28_") for word in ("--platform", f"manylinux{tag}x86_64")]
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    requirements = ("--python-version", version, "--implementation", "cp", "-r", str(ROOT / "requirements.txt"))
    subprocess.run((*pip, *target, *platform, *requirements), check=True)


def stage_ours(staging: Path) -> None:
    """Our own files, and the version our manifests name."""
    for file in _our_files():
        target = staging / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, target)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = staging / f"zhibao-{project['version']}.dist-info"
    folder.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: zhibao\nVersion: {project['version']}\n"
    (folder / "METADATA").write_text(metadata, encoding="utf-8")
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")


def _our_files() -> Iterator[Path]:
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*")):
            file = path.relative_to(ROOT)
            names = {file.as_posix(), *(parent.as_posix() for parent in file.parents)}
            if path.is_file() and path.suffix in SHIPPED and not names & NOT_IN_A_FUNCTION:
                yield file


def prune(staging: Path) -> None:
    """Take out of the dependencies what no function runs."""
    services = (path for path in (staging / "botocore" / "data").iterdir() if path.is_dir())
    unused: Iterable[Path] = (path for path in services if path.name not in SERVICES)
    for path in [*unused, *(path for pattern in NOT_NEEDED for path in staging.glob(pattern))]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def check(staging: Path, runtime: str) -> None:
    """Nothing in it that must not be, nothing that the runtime could not load. Raises `PackageRefused`."""
    for path in staging.rglob("*"):
        name = path.relative_to(staging).as_posix()
        if FORBIDDEN.search(name):
            raise PackageRefused(f"{name}: must not be in the package")
        if path.suffix == ".so":
            needed = max((int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", path.read_bytes())), default=0)
            if needed > GLIBC[runtime]:
                raise PackageRefused(f"{name}: needs glibc 2.{needed}; {runtime} has 2.{GLIBC[runtime]}")


_PAGES = """
import sys; sys.path.insert(0, sys.argv[1])
from handlers.app import furnish
from handlers.compiled_templates import FOLDER, compile_templates
from handlers.late_app import LateApp, LateInstallation
from infra.settings import read_settings
app = LateApp(LateInstallation(read_settings({"ZHIBAO_SECRET_KEYS": "signs-nothing" * 4})))
furnish(app)
assert compile_templates(app, FOLDER)
from forms.shipped import COMPILED, compile_forms
compile_forms(COMPILED)
"""


def compile_pages(staging: Path) -> None:
    """Templates and forms, compiled by the libraries of the package itself. Raises `CalledProcessError`."""
    subprocess.run((sys.executable, "-I", "-S", "-B", "-c", _PAGES, str(staging)), check=True)


def compile_all(staging: Path) -> None:
    """Bytecode that is used as it is, without a look at the source's date. Raises `PackageRefused`."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    # paths in tracebacks are those of the function, not of the machine that packed
    if not compileall.compile_dir(str(staging), quiet=2, force=True, invalidation_mode=mode, ddir="/var/task"):
        raise PackageRefused("some module does not compile")


def pack(staging: Path, target: Path) -> None:
    """The folder as a zip: sorted, dated alike, readable by everybody."""
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in staging.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(staging).as_posix(), _EPOCH)
            entry.external_attr = 0o100644 << 16
            data = path.read_bytes()
            total += len(data)
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    if total > MOST_UNZIPPED:
        raise PackageRefused(f"{total / 1e6:.1f} MB unzipped: more than the {MOST_UNZIPPED / 1e6:.0f} MB of Lambda")


def report(package: Path) -> Iterator[str]:
    """Size and contents, the largest first: megabytes unzipped and files of each top folder."""
    sizes: Counter[str] = Counter()
    files: Counter[str] = Counter()
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            top = entry.filename.split("/")[0]
            sizes[top] += entry.file_size
            files[top] += 1
    yield (
        f"{package.name}: {package.stat().st_size / 1e6:.1f} MB (of {MOST_ZIPPED / 1e6:.0f}),"
        f" {sizes.total() / 1e6:.1f} MB unzipped (of {MOST_UNZIPPED / 1e6:.0f}), {files.total()} files"
    )
    for name, size in sizes.most_common():
        yield f"  {size / 1e6:7.2f} MB {files[name]:5} {name}"


if __name__ == "__main__":
    try:
        main()
    except PackageRefused as refused:
        sys.exit(str(refused))
