"""The Dockerfile without Docker: its lines carried out in a Debian that debootstrap made, its CMD run as its user.

Only what our Dockerfile uses is understood; anything else is an error, so that the check cannot pass a line over.
"""

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""The host's own: a machine that reaches the registries through a proxy may need them while building."""
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(slots=True)
class Image:
    """A file system that is being built, and what the Dockerfile said of how to run it."""

    root: Path
    context: Path
    suite: str = ""
    workdir: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _SYSTEM_PATH})
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()

    def build(self, dockerfile: Path) -> None:
        """Carry out every instruction. Raises `CalledProcessError` when a line fails."""
        for name, words in instructions(dockerfile.read_text(encoding="utf-8")):
            getattr(self, f"_{name.lower()}")(words)

    def run(self, *command: str, user: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
        """One command inside, as the image's user unless another is named."""
        outside = self.outside(*command, user=user or self.user, **environment)
        return subprocess.run(outside, capture_output=True, text=True, check=False)

    def outside(self, *command: str, user: str, **environment: str) -> list[str]:
        """The command line that runs a command inside, with nothing of the host's environment."""
        settings = [f"{name}={value}" for name, value in {**self.environment, **environment}.items()]
        inside = f"cd {shlex.quote(self.workdir)} && exec {shlex.join(command)}"
        return [
            "chroot",
            f"--userspec={user}:{user}",
            str(self.root),
            "/usr/bin/env",
            "-i",
            *settings,
            "sh",
            "-c",
            inside,
        ]

    def _from(self, words: str) -> None:
        found = re.fullmatch(r"debian:(\w+)-slim", words)
        assert found is not None, words
        self.suite = found[1]
        subprocess.run(
            ["debootstrap", "--variant=minbase", self.suite, str(self.root)], check=True, capture_output=True
        )
        if CERTIFICATES.exists():
            shutil.copy(CERTIFICATES, self.root / "host-certificates.crt")

    def _run(self, words: str) -> None:
        building = {"PIP_CERT": "/host-certificates.crt"} if CERTIFICATES.exists() else {}
        done = self.run("sh", "-c", words, user="root", **building)
        assert done.returncode == 0, f"RUN {words}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"

    def _workdir(self, words: str) -> None:
        self.workdir = words
        (self.root / words.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _copy(self, words: str) -> None:
        *sources, target = words.split()
        folder = self.root / self.workdir.lstrip("/")
        for source in sources:
            path = self.context / source
            if path.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.mo")  # as .dockerignore says
                shutil.copytree(path, folder / target, ignore=ignored)
            else:
                shutil.copy(path, folder / target)

    def _env(self, words: str) -> None:
        self.environment.update(word.split("=", 1) for word in shlex.split(words))

    def _user(self, words: str) -> None:
        self.user = words

    def _cmd(self, words: str) -> None:
        self.command = _listed(words)

    def _healthcheck(self, words: str) -> None:
        self.health = _listed(words.partition("CMD")[2])

    def _volume(self, words: str) -> None:
        assert (self.root / words.lstrip("/")).is_dir(), f"VOLUME {words} is nowhere"

    def _expose(self, words: str) -> None:
        assert words.isdigit()


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, each on one line."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split()[0], line.split(maxsplit=1)[1].strip()) for line in joined.splitlines() if line.strip()]


def _listed(words: str) -> tuple[str, ...]:
    import json

    return tuple(json.loads(words))


def can_build() -> bool:
    """Whether this machine may: root, with debootstrap."""
    return os.geteuid() == 0 and shutil.which("debootstrap") is not None
