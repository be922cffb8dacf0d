"""What deploy/Dockerfile says an image holds and runs, read from its own lines, so that tests follow the file."""

import json
import re
import shlex
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from docker.utils.build import exclude_paths  # type: ignore[import-untyped]  # it ships no types

PROJECT = Path(__file__).parents[3]


@dataclass
class Stage:
    """From one FROM to the next."""

    base: str
    lines: list[tuple[str, str]] = field(default_factory=list)


class Image:
    """The image that `--build-arg SERVICE=<name>` makes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._stages = _stages((PROJECT / "deploy" / "Dockerfile").read_text().replace("${SERVICE}", name))
        self._lines = [line for stage in self._chain(name) for line in stage.lines]

    @property
    def environment(self) -> dict[str, str]:
        """What its ENV lines set."""
        pairs = (word.partition("=") for line in self._all("ENV") for word in shlex.split(line))
        return {name: value for name, _, value in pairs}

    @property
    def command(self) -> list[str]:
        """What a container of it runs."""
        return _exec_form(self._all("CMD")[-1])

    @property
    def healthcheck(self) -> list[str]:
        """What the engine asks a running container with; empty when it asks nothing."""
        _, found, command = self._all("HEALTHCHECK")[-1].partition("CMD ")
        return _exec_form(command) if found else []

    @property
    def requirements(self) -> Path:
        """The list that its dependencies are installed from."""
        (source,) = (PROJECT / source for source, _ in _copies(self._stages["dependencies"].lines))
        return source

    def copy_files(self, folder: Path) -> None:
        """Lay out in an empty folder what the image has in its working directory."""
        ignored = (PROJECT / ".dockerignore").read_text().splitlines()
        context = {Path(path) for path in exclude_paths(str(PROJECT), [line for line in ignored if line[:1] != "#"])}
        for source, target in _copies(self._lines):
            wanted = {file for file in context if file.is_relative_to(source) and (PROJECT / file).is_file()}
            if not wanted:
                raise AssertionError(f"COPY {source} {target}: the build context has no such file")
            for file in wanted:
                # Docker copies what is in a folder, not the folder.
                inner = file.relative_to(source) if (PROJECT / source).is_dir() else Path(file.name)
                (folder / target / inner).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(PROJECT / file, folder / target / inner)

    def _all(self, instruction: str) -> list[str]:
        return [rest for name, rest in self._lines if name == instruction]

    def _chain(self, name: str) -> list[Stage]:
        stage = self._stages.get(name)
        return [*self._chain(stage.base), stage] if stage else []


def _stages(text: str) -> dict[str, Stage]:
    stages: dict[str, Stage] = {}
    stage = Stage("")
    uncommented = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)
    for line in uncommented.replace("\\\n", " ").splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stage = stages[name] = Stage(base)
        elif instruction:
            stage.lines.append((instruction, rest.strip()))
    return stages


def _copies(lines: list[tuple[str, str]]) -> list[tuple[Path, Path]]:
    """Source and target of each COPY from the build context."""
    words = [rest.split() for instruction, rest in lines if instruction == "COPY" and "--from=" not in rest]
    return [(Path(source), Path(target)) for source, target in words]


def _exec_form(text: str) -> list[str]:
    # A command in the shell's form is no JSON: its shell would keep SIGTERM from the process.
    return [str(word) for word in json.loads(text)]
