"""A municipality joins: the folder that is made, the mapping that is proposed, the page on it."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from raadgraaf.cli import main

ROOT = Path(__file__).parents[1]
FILES = Path(__file__).parent / "loaders" / "register"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.mark.slow
def test_the_page_on_a_second_municipality_does_what_it_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "second-municipality.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^```sh\n(.*?)^```$", page)
    script = "".join(blocks).replace("raadgraaf serve --port 8000\n", "")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("RAADGRAAF_")
    }
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["/bin/sh"],
        input=script,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert "Het plein krijgt meer bomen." in done.stdout
    with (tmp_path / "arnhem" / "var" / "quarantine.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["row"], row["column"], row["code"]) == ("4", "Vergaderdatum", "impossible-date")


def test_a_new_folder_is_never_written_over_another(tmp_path: Path) -> None:
    assert run("new", "gm0202", tmp_path / "a").exit_code == 0
    again = run("new", "gm0202", tmp_path / "a")
    assert again.exit_code == 2
    assert "is there already" in again.output


def test_a_municipality_without_a_known_name_needs_one(tmp_path: Path) -> None:
    refused = run("new", "gm9999", tmp_path / "a")
    assert refused.exit_code == 2
    assert "--name" in refused.output
    made = run(
        "new", "gm9999", tmp_path / "a", "--name", "Veldstad", "--publisher", "https://x.nl/"
    )
    assert made.exit_code == 0
    turtle = (tmp_path / "a" / "gemeente.ttl").read_text(encoding="utf-8")
    assert '"Veldstad"' in turtle
    assert "dcterms:publisher <https://x.nl/>" in turtle


def test_a_municipality_is_named_by_its_code(tmp_path: Path) -> None:
    refused = run("new", "Arnhem", tmp_path / "a")
    assert refused.exit_code == 2
    assert "TOOI" in refused.output


def test_a_mapping_can_be_had_as_csvw(tmp_path: Path) -> None:
    said = run("map", "--home", tmp_path, "--csvw", FILES / "goed.csv")
    metadata = json.loads(said.output)
    columns = {each["name"]: each for each in metadata["tableSchema"]["columns"]}
    assert metadata["url"] == "goed.csv"
    assert columns["date"]["titles"] == "Datum toezegging"
    assert columns["date"]["datatype"] == {"base": "date", "format": "dd-MM-yyyy"}
    assert columns["text"]["required"] is True
    assert metadata["tableSchema"]["primaryKey"] == ["key"]


def test_a_proposed_mapping_loads_the_file_that_it_was_made_from(tmp_path: Path) -> None:
    source = tmp_path / "lijst.csv"
    source.write_text("Volgnr;Toezegging;Kleur\n1;Het plein komt er.;groen\n")
    mapping = tmp_path / "mapping.yaml"
    assert "Kleur" in run("map", "--home", tmp_path, source, "-o", mapping).output
    loaded = run("load", "--no-owl", "--home", tmp_path / "home", "--mapping", mapping, source)
    assert loaded.exit_code == 1
    assert "1 unknown-column" in loaded.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "is not YAML"),
        ("name: x", "is a required property"),
        ("name: x\ntitle: x\nsignature: [[A]]\ncolumns: {text: [A]}\ndates: [eens]", "dates.0"),
        (
            (
                "name: x\ntitle: x\nsignature: [[A]]\ncolumns: {text: [A]}\ndates: [yyyy-mm-dd]\n"
                "required: [kleur]"
            ),
            "'kleur' is no role",
        ),
    ],
)
def test_a_mapping_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(text)
    refused = run("load", "--home", tmp_path, "--mapping", mapping, FILES / "goed.csv")
    assert refused.exit_code == 2
    assert said in refused.output


def test_strict_refuses_everything_and_says_what_was_wrong(tmp_path: Path) -> None:
    refused = run("load", "--no-owl", "--strict", "--home", tmp_path, FILES / "datums.csv")
    assert refused.exit_code == 2
    assert "row 2" in refused.output
    assert not (tmp_path / "current").exists()
    assert "impossible-date" in (tmp_path / "quarantine.csv").read_text(encoding="utf-8")


def test_so_many_errors_are_allowed_and_no_more(tmp_path: Path) -> None:
    options = ("load", "--no-owl", "--home", tmp_path, FILES / "datums.csv", "--max-errors")
    assert run(*options, 4).exit_code == 2
    assert run(*options, 5).exit_code == 1
    assert (tmp_path / "current").exists()


def test_a_new_version_says_what_changed_and_keeps_what_vanished(tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    options = ("load", "--no-owl", "--home", tmp_path / "home", register)
    register.write_bytes((FILES / "goed.csv").read_bytes())
    assert "4 added, 0 changed, 0 vanished" in run(*options).output
    register.write_bytes((FILES / "versie-2.csv").read_bytes())
    expected = "1 added, 1 changed, 2 vanished"
    assert expected in run(*options, "--dry-run").output
    assert expected in run(*options).output
    again = run(*options)
    assert "1 unchanged" in again.output
    assert "Rows" not in again.output
    query = tmp_path / "gone.rq"
    query.write_text(
        "PREFIX rg: <https://w3id.org/raadgraaf/def#>\n"
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
        "SELECT ?subject WHERE { ?e skos:note ?n ; rg:printedSubject ?subject ; rg:records ?m . "
        "?m rg:currentStatus ?s } ORDER BY ?subject"
    )
    said = run("query", "--home", tmp_path / "home", "--format", "csv", query)
    assert said.output.split() == ["subject", "Fietspad", "Plein"]


def test_a_load_counts_the_personal_data_that_it_masks(tmp_path: Path) -> None:
    home = tmp_path / "home"
    loaded = run("load", "--dry-run", "--no-owl", "--home", home, FILES / "persoonlijk.csv")
    assert "Masked       " in loaded.output
    assert "1 e-mailadres" in loaded.output


def test_a_proposal_hides_civil_servants_and_takes_the_longest_cells_for_the_text(
    tmp_path: Path,
) -> None:
    register = tmp_path / "lijst.csv"
    register.write_text(
        "Zaak;Beloofd is;Behandelaar\n7;De brug gaat open in het voorjaar.;M. de Boer\n",
        encoding="utf-8-sig",
    )
    mapping = tmp_path / "mapping.yaml"
    assert run("map", register, "-o", mapping).exit_code == 0
    declared = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    assert declared["columns"]["text"] == ["Beloofd is"]
    assert declared["personal"] == ["Behandelaar"]
