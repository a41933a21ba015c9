"""`raadgraaf check`: finds any damage, changes nothing, and says what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, NamedNode, Triple

from raadgraaf import checking, releases, transaction
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.errors import Damaged
from raadgraaf.namespaces import iri
from raadgraaf.provenance import GraphContent


def load(home: Path, *names: str) -> None:
    triples = [
        Triple(NamedNode(f"http://x/{each}"), iri("rdfs:label"), Literal(each)) for each in names
    ]
    content = GraphContent("bron/proef", triples, "proef.ttl", "0" * 64, "rdf")
    transaction.load(Settings(home=home, shacl=False), [content], reason=False)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sound") / "home"
    load(home, "een")
    load(home, "een", "twee")
    return home


@pytest.fixture
def home(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "home", symlinks=True))


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home)])


def files(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and "current" not in path.relative_to(home).parts
    }


def test_a_sound_home_is_said_to_be_so_and_stays_as_it_is(home: Path) -> None:
    before = files(home)
    result = run(home, "check")
    assert (result.exit_code, result.output) == (0, "Sound: 2 releases checked.\n")
    assert json.loads(run(home, "check", "--format", "json").output) == {
        "sound": True,
        "findings": [],
    }
    assert files(home) == before


def test_a_byte_that_was_changed_anywhere_is_found(home: Path) -> None:
    for name, content in files(home).items():
        if name == "lock" or not content:
            continue
        middle = len(content) // 2
        changed = bytes([content[middle] ^ 1])
        (home / name).write_bytes(content[:middle] + changed + content[middle + 1 :])
        found = [each.place for each in checking.findings(home)]
        number = name.split("/")[1]
        is_seal = name.endswith("digests.json")  # names then the file whose digest it changed
        assert name in found or f"releases/{number}" in found or (is_seal and found), name
        (home / name).write_bytes(content)
    assert list(checking.findings(home)) == []


@pytest.mark.parametrize("name", ["manifest.json", "published.json", "data.nq", "store/CURRENT"])
def test_a_file_that_is_lost_is_found(home: Path, name: str) -> None:
    (home / "releases/2" / name).unlink()
    result = run(home, "check")
    assert result.exit_code == 2
    assert result.output.startswith("releases/2")
    assert "raadgraaf publish" in result.output


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change a file of a release as if it had been built so."""
    path.write_text(change(path.read_text()))
    (path.parent / "digests.json").unlink()


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("published.json", '"quads": ', '"quads": 1', "store"),
        ("data.nq", '"een" ', '"drie" ', "data.nq"),
        ("default.nt", '"een" ', '"drie" ', "default.nt"),
        ("statistics.json", '"triples": 3', '"triples": 4', "statistics.json"),
    ],
)
def test_files_that_do_not_fit_each_other_are_found(
    home: Path, name: str, old: str, new: str, place: str
) -> None:
    rewrite(home / "releases/1" / name, lambda text: text.replace(old, new))
    found = [each.place for each in checking.findings(home)]
    assert f"releases/1/{place}" in found


def test_a_lost_graph_file_is_found_once(home: Path) -> None:
    both = {each.digest for each in releases.release(home, 1).manifest.graphs}
    both &= {each.digest for each in releases.current(home).manifest.graphs}
    (home / "graphs" / f"{min(both)}.nq").unlink()
    (finding,) = checking.findings(home)
    assert finding.place == f"graphs/{min(both)}.nq"


@pytest.mark.parametrize("target", [None, "releases/7", "elsewhere"])
def test_a_current_that_leads_nowhere_is_found(home: Path, target: str | None) -> None:
    (home / "current").unlink()
    if target:
        (home / "current").symlink_to(target)
    result = run(home, "check")
    assert result.exit_code == 2
    assert result.output.startswith("current: ")
    assert "raadgraaf rollback N" in result.output


def test_what_was_left_behind_is_named_and_harms_nothing(home: Path) -> None:
    (home / "releases/3.tmp").mkdir()
    (home / "graphs/unnamed.nq").touch()
    (home / "current.tmp").symlink_to("releases/1")
    result = run(home, "check", "--format", "json")
    assert result.exit_code == 0
    found = json.loads(result.output)["findings"]
    assert [each["place"] for each in found] == [
        "releases/3.tmp",
        "current.tmp",
        "graphs/unnamed.nq",
    ]
    assert all(each["harmless"] for each in found)
    load(home, "een", "twee")
    assert list(checking.findings(home)) == []


def test_while_somebody_writes_nothing_counts_as_left_behind(home: Path) -> None:
    found: list[checking.Finding] = []
    transaction.load(
        Settings(home=home, shacl=False),
        (),
        rebuild=True,
        reason=False,
        progress=lambda _: found.extend(checking.findings(home)),
    )
    assert found == []


def test_a_home_without_a_release_has_nothing_to_check(tmp_path: Path) -> None:
    result = run(tmp_path, "check")
    assert result.exit_code == 2
    assert "raadgraaf load" in result.output


@pytest.mark.parametrize("name", ["manifest.json", "published.json", "statistics.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b'{"base": 1}', b"\xff", b'{"graphs": 1}'])
def test_a_damaged_release_is_a_sentence_for_every_command(
    home: Path, name: str, content: bytes
) -> None:
    (home / "releases/2" / name).write_bytes(content)
    for arguments in (("ask", "open-matters-by-status"), ("check",)):
        result = run(home, *arguments)
        assert result.exit_code == 2
        assert "Release 2 in" in result.output
        assert "raadgraaf rollback" in result.output
        assert isinstance(result.exception, SystemExit)
    assert run(home, "rollback").exit_code == 0
    load(home, "een")
    assert releases.current_number(home) == 1


def test_a_store_that_cannot_be_opened_is_a_sentence(home: Path) -> None:
    shutil.rmtree(home / "releases/2/store")
    with pytest.raises(Damaged, match="raadgraaf rollback"):
        releases.current(home).open(memory_quads=0)
    result = run(home, "ask", "open-matters-by-status")
    assert result.exit_code == 2
    assert "Release 2 in" in result.output


def test_graph_files_stay_while_a_release_cannot_say_which_it_needs(home: Path) -> None:
    before = set(files(home / "graphs"))
    (home / "releases/1/manifest.json").write_bytes(b"{}")
    load(home, "een", "twee", "drie")
    assert before < set(files(home / "graphs"))


def test_a_manifest_that_says_something_else_is_not_believed(home: Path) -> None:
    path = home / "releases/2/manifest.json"
    path.write_text(path.read_text().replace("bron/proef", "bron/prief"))
    with pytest.raises(Damaged, match=r"manifest\.json was changed"):
        load(home, "drie")
    assert releases.current_number(home) == 2
