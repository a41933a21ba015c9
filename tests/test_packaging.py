"""The wheel holds what it should and nothing else, and works on its own."""

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest
import rdflib
from pyoxigraph import NamedNode, Store

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "raadgraaf"
LINKED = ("data", "loaders", "ontology", "queries", "server", "shapes")
WRITTEN_HERE = shutil.ignore_patterns(
    ".?*", "__pycache__", "*.egg-info", "build", "dist", "htmlcov", "var"
)
RESOURCES = {
    ".yaml",
    ".csv",
    ".css",
    ".html",
    ".ico",
    ".js",
    ".rq",
    ".svg",
    ".ttl",
    ".txt",
    ".typed",
}


def run(command: Sequence[str | Path], cwd: Path, *statuses: int) -> str:
    """Return what a command prints that ends with one of the statuses (default: 0)."""
    plain = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    ended = subprocess.run(
        command, cwd=cwd, env=plain, capture_output=True, text=True, check=False, timeout=240
    )
    assert ended.returncode in (statuses or (0,)), ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from a copy of the checkout, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "checkout"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=WRITTEN_HERE)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    options = ["--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    run([*pip, *options, "--wheel-dir", folder, copy], folder)
    (built,) = folder.glob("raadgraaf-*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[PurePosixPath]:
    """Return the files in the wheel."""
    with zipfile.ZipFile(wheel) as content:
        return {PurePosixPath(name) for name in content.namelist()}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a fresh environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    into = ["--python", folder / "bin" / "python", "install", "--quiet"]
    run([*pip, *into, "--no-index", "--no-deps", wheel], folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A folder on the path, not its .pth files: so the checkout stays out of sight.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


# The wheel


@pytest.mark.slow
def test_the_only_name_that_the_wheel_brings_is_ours(names: set[PurePosixPath]) -> None:
    top = {name.parts[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"raadgraaf"}
    assert len(top) == 2
    (listed,) = [name for name in names if name.name == "top_level.txt"]
    assert listed.parent.suffix == ".dist-info"


@pytest.mark.slow
def test_every_module_and_resource_is_in_the_wheel(names: set[PurePosixPath]) -> None:
    folders = [PACKAGE, *(path for path in PACKAGE.iterdir() if path.is_dir())]
    expected = {
        PurePosixPath("raadgraaf", *path.relative_to(PACKAGE).parts)
        for folder in folders
        for path in (folder.glob("*") if folder == PACKAGE else folder.rglob("*"))
        if path.suffix in RESOURCES | {".py"}
    }
    assert len(expected) > 100
    assert expected - names == set()
    for name in ("py.typed", "data/zevenaar/source.txt", "data/zevenaar/not-modelled.csv"):
        assert PurePosixPath("raadgraaf", name) in expected
    packaged = {name for name in names if name.parts[0] == "raadgraaf"}
    assert packaged - expected == set()


@pytest.mark.slow
def test_the_wheel_has_licences_and_no_tests(names: set[PurePosixPath]) -> None:
    assert {"LICENSE", "EUPL-1.2.txt", "CC0-1.0.txt"} <= {name.name for name in names}
    assert not [name for name in names if "test" in str(name)]


@pytest.mark.slow
def test_the_wheel_loads_and_answers_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = run(
        [installed / "python", "-c", "import raadgraaf; print(raadgraaf.__file__)"], tmp_path
    )
    assert Path(where.strip()).is_relative_to(installed.parent)
    program = installed / "raadgraaf"
    assert "is current" in run([program, "load", "--no-owl"], tmp_path, 0, 1)
    assert {path.name for path in tmp_path.iterdir()} == {"var"}
    answer = run([program, "ask", "open-matters-by-status", "--format", "csv"], tmp_path)
    assert len(answer.splitlines()) > 1
    assert "<!doctype html>" in run([program, "export", "review"], tmp_path)


# The repository


@pytest.mark.parametrize("name", LINKED)
def test_the_folders_at_the_top_are_linked_into_the_package(name: str) -> None:
    link = PACKAGE / name
    hint = (
        f"src/raadgraaf/{name} is no link. Where git checked it out as text (Windows): allow "
        "links (developer mode), run `git config core.symlinks true` and `git checkout -- src`."
    )
    assert link.is_symlink(), hint
    assert link.readlink() == Path("..", "..", name)
    assert link.resolve() == ROOT / name


def test_no_other_link_is_in_the_package() -> None:
    links = {path.name for path in PACKAGE.rglob("*") if path.is_symlink()}
    assert links == set(LINKED)


def test_every_turtle_file_parses() -> None:
    folders = [ROOT / name for name in (*LINKED, "tests")]
    files = [path for folder in folders for path in folder.rglob("*.ttl")]
    assert files
    for path in files:
        rdflib.Graph().parse(path, format="turtle")


def test_every_query_parses() -> None:
    nothing = Store()
    folders = [PACKAGE / name for name in ("queries", "rules", "server")]
    files = [path for folder in folders for path in folder.rglob("*.rq")]
    assert {"queries", "rules"} <= {path.parent.name for path in files}
    for path in files:
        nothing.query(path.read_text(encoding="utf-8"), named_graphs=[NamedNode("urn:x:none")])


def test_every_python_file_parses() -> None:
    for folder in ("loaders", "server", "src", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            ast.parse(path.read_text(encoding="utf-8"), path.name)
