"""The container: read without being built, and, in the long run, built in a Debian of its own and sent a return to."""

import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.container.image import Image, can_build, instructions
from tests.journeys.driver import Browser, Home
from tests.journeys.registers import one_county, quiet_year

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
DATA = "var/lib/zhibao"


def said(name: str) -> list[str]:
    return [words for found, words in instructions(DOCKERFILE.read_text(encoding="utf-8")) if found == name]


def test_it_is_a_slim_debian_that_ends_as_no_root() -> None:
    assert said("FROM") == ["debian:bookworm-slim"]
    assert said("USER") == ["zhibao"]
    assert DOCKERFILE.read_text(encoding="utf-8").index("USER zhibao") < DOCKERFILE.read_text(encoding="utf-8").index(
        "CMD ["
    )


def test_it_takes_along_only_what_runs_and_no_data() -> None:
    copied = {word for words in said("COPY") for word in words.split()[:-1]}
    assert copied == {
        *(
            "requirements.txt",
            "requirements.in",
            "requirements-xlsform.txt",
            "requirements-build.txt",
            "pyproject.toml",
            "README.md",
            "LICENSE",
        ),
        *("forms", "handlers", "indicators", "infra", "register", "workflows"),
    }
    assert all("--require-hashes" in words for words in said("RUN") if "-r requirements" in words)


def test_it_says_where_the_data_is_and_how_healthy_it_is() -> None:
    assert said("VOLUME") == [f"/{DATA}"]
    assert "/healthz" in said("HEALTHCHECK")[0]
    assert f"ZHIBAO_HOME=/{DATA}" in said("ENV")[0]


def test_the_proxy_of_the_example_keeps_no_path_of_a_link() -> None:
    """Whatever it logs, it must not be able to log what stands behind /f/, /r/, /c/, /i/ or /s/."""
    example = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
    logged = example.split("log_format")[1].split(";")[0]
    assert "access_log" in example
    assert not [name for name in ("$request ", "$request_uri", "$uri", "$args", "$http_referer") if name in logged]
    assert "error_log" in example
    assert " crit;" in example, "an error line of nginx quotes the request"


@dataclass(slots=True)
class Contained(Home):
    """A home inside the image, worked by its own commands as its own user."""

    image: Image | None = None

    @property
    def root(self) -> Path:
        """Where the data folder is, seen from outside."""
        assert self.image is not None
        return self.image.root / DATA

    def settings_inside(self) -> dict[str, str]:
        """What the container would be started with."""
        return {"ZHIBAO_BASE_URL": self.base, "ZHIBAO_REVIEW_CONFIRM": "link"}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        """One command inside."""
        assert self.image is not None
        command = self.image.outside("zhibao", *arguments, user=self.image.user, **self.settings_inside())
        return subprocess.run(command, capture_output=True, check=False)

    def write(self, name: str, text: str) -> str:
        """A file the user inside can read."""
        assert self.image is not None
        path = self.image.root / "tmp" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        return f"/{path.relative_to(self.image.root)}"

    def start(self) -> None:
        """Start the image's own CMD, on a port of the test's."""
        assert self.image is not None
        command = [word if word != "8000" else str(self.port) for word in self.image.command]
        outside = self.image.outside(*command, user=self.image.user, **self.settings_inside())
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(outside, stdout=log, stderr=log)
        end = time.monotonic() + 60
        while not self._healthy():
            assert self.server.poll() is None, self.log.read_text(encoding="utf-8")[-2000:]
            assert time.monotonic() < end, "the server did not become healthy"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    if not can_build():
        pytest.skip("needs root and debootstrap (apt-get install debootstrap)")
    made = Image(root=tmp_path_factory.mktemp("image") / "root", context=ROOT)
    made.build(DOCKERFILE)
    return made


@pytest.fixture(scope="module")
def home(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contained]:
    found = Contained(tmp_path_factory.mktemp("contained"), image=image)
    found.load(*one_county(2))
    found.zhibao("collection", "open", "--year", "2031", "--form", "107-2", "--due", "2099-03-10")
    found.start()
    yield found
    if found.server is not None:
        found.stop(signal.SIGKILL)


@pytest.mark.long
def test_a_return_is_filed_in_the_container_by_a_user_that_is_not_root(home: Contained) -> None:
    assert home.server is not None
    status = Path(f"/proc/{home.server.pid}/status").read_text(encoding="utf-8")
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert set(uids) == {"10001"}
    home.zhibao("sweep")
    browser = Browser()
    page = browser.open(home.mail_to("unit1@units.example", "f").link("f"))
    values = {**quiet_year(page.forms["filing"], {"papers": "7"}), "action": "submit"}
    assert browser.send(page, "filing", values).status == HTTPStatus.SEE_OTHER
    home.zhibao("sweep")
    assert home.mail_to("reviewer990101a@review.example", "r")
    assert home.zhibao("audit", "verify").startswith("2 submissions")


@pytest.mark.long
def test_its_health_check_passes_while_it_serves_and_it_ends_on_sigterm(home: Contained, image: Image) -> None:
    check = [word.replace(":8000/", f":{home.port}/") for word in image.health]
    assert image.run(*check).returncode == 0
    assert home.stop() == 0
    assert image.run(*check).returncode != 0


@pytest.mark.long
def test_its_user_can_write_to_the_data_and_nowhere_else(image: Image) -> None:
    assert image.run("touch", f"/{DATA}/x").returncode == 0
    for place in ("/opt/zhibao/x", "/etc/x", "/opt/zhibao/.venv/x"):
        assert image.run("touch", place).returncode != 0
    assert image.run("python", "-c", "import babel").returncode != 0, "what only builds is gone"
