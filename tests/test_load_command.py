"""`raadgraaf load`: what is set aside, what refuses, what a dry run says."""

from pathlib import Path

from click.testing import CliRunner

from raadgraaf.cli import main

TURTLE = "<http://x/a> <http://x/p> 1 ."


def run(home: Path, *arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(
        main, ["load", "--no-owl", "--home", str(home), *map(str, arguments)]
    )
    return result.exit_code, result.output


def test_a_dry_run_says_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mijn.ttl"
    file.write_text(TURTLE)
    status, said = run(tmp_path / "home", "--dry-run", file)
    assert status == 0
    assert "New          https://data.example.org/raadgraaf/graph/bron/mijn" in said
    assert not (tmp_path / "home" / "current").exists()
    assert not list((tmp_path / "home" / "graphs").iterdir())


def test_a_municipality_that_is_no_code_is_refused(tmp_path: Path) -> None:
    status, said = run(tmp_path / "home", "--municipality", "Zevenaar")
    assert status == 2
    assert "gm0299" in said


def test_a_folder_gives_its_files_of_known_kinds_alone(tmp_path: Path) -> None:
    folder = tmp_path / "bronnen"
    folder.mkdir()
    (folder / "mijn.ttl").write_text(TURTLE)
    (folder / "foto.jpg").write_bytes(b"\xff\xd8")
    status, said = run(tmp_path / "home", folder)
    assert status == 0
    assert "1 new" in said
