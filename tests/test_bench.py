"""The generated council data of the benchmarks: always the same, and such as the shapes want."""

import filecmp
import subprocess
import sys
from pathlib import Path

import pytest

from raadgraaf import loaders, transaction
from raadgraaf.config import Settings

ROOT = Path(__file__).parents[1]


def generate(folder: Path, seed: int = 1) -> Path:
    command = [sys.executable, "-m", "bench.generate", "--quads", "3000", "--seed", str(seed)]
    subprocess.run([*command, str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=60)
    return folder


@pytest.mark.slow
def test_the_same_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    one, two = generate(tmp_path / "one"), generate(tmp_path / "two")
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in two.iterdir())
    assert filecmp.cmpfiles(one, two, names, shallow=False) == (names, [], [])
    other = generate(tmp_path / "other", seed=2)
    assert any(not filecmp.cmp(one / name, other / name, shallow=False) for name in names)


@pytest.mark.slow
def test_generated_data_has_no_violation(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    sources = loaders.sources([generate(tmp_path / "data")])
    contents = loaders.contents(sources, settings.base, loader="rdf")
    outcome = transaction.load(settings, contents, reason=False)
    assert outcome.checks
    assert outcome.checks.report.conforms
