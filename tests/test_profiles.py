"""The commitments profile: small, told in words, and it says what to mend."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from raadgraaf import profiles
from raadgraaf.cli import main
from raadgraaf.errors import InputError
from raadgraaf.resources import folder

EXAMPLE = folder("profile", "example.ttl").read_text("utf-8")
PAGE = Path(__file__).parents[1] / "docs" / "profile.md"

BREAKS = {
    "text": ('."@nl ;', '." ;'),
    "raisedBefore": ("    rg:raisedBefore voorbeeld:gemeenteraad ;\n", ""),
    "raisedIn": ('"2024-03-06"^^xsd:date', '"6 maart"'),
    "portfolioHolder": ('voorbeeld:wethouder-verkeer foaf:name "wethouder Verkeer" .', ""),
    "currentStatus": ("rgt:status-open", "rgt:status-klaar"),
    "statedIn": ("punt-7 rg:passageOf", "punt-8 rg:passageOf"),
}
"""What spoils the example, by the shape that says so."""


def checked(folder_: Path, text: str, name: str = "theirs.ttl") -> list[str]:
    path = folder_ / name
    path.write_text(text, encoding="utf-8")
    return [finding.shape for finding in profiles.check(path).findings]


def test_the_example_keeps_to_the_profile(tmp_path: Path) -> None:
    assert checked(tmp_path, EXAMPLE) == []


@pytest.mark.parametrize("shape", BREAKS)
def test_each_demand_is_made(tmp_path: Path, shape: str) -> None:
    old, new = BREAKS[shape]
    assert old in EXAMPLE
    found = checked(tmp_path, EXAMPLE.replace(old, new))
    assert [each for each in found if each.endswith(f"profiel#{shape}")], found


def test_a_municipality_outside_tooi_is_refused(tmp_path: Path) -> None:
    assert checked(tmp_path, EXAMPLE.replace("gemeente/gm0299", "gemeente/Zevenaar"))


def test_the_profile_has_at_most_twelve_terms_and_all_are_described() -> None:
    terms = profiles.terms()
    assert len(terms) + len(["rg:Commitment", "dcterms:conformsTo"]) <= 12
    text = PAGE.read_text(encoding="utf-8")
    for term in terms:
        assert f":{term.property.rpartition('#')[2].rpartition('/')[2]}`" in text
        assert term.name.keys() == term.message.keys() == {"nl", "en"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("theirs.docx", EXAMPLE, "does not end in"),
        ("theirs.ttl", "<x:a> <x:b> <x:c> .", "holds no rg:Commitment"),
        ("theirs.ttl", "<x:a> <x:b> ", "line 1"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        checked(tmp_path, text, name)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        profiles.check(tmp_path / "none.ttl")


def test_the_command_says_what_to_mend(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.ttl", tmp_path / "bad.ttl"
    good.write_text(EXAMPLE, encoding="utf-8")
    bad.write_text(EXAMPLE.replace("rgt:status-open", "rgt:status-klaar"), encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(main, ["validate", "--profile", str(good)]).exit_code == 0
    refused = runner.invoke(main, ["validate", "--profile", str(bad)])
    assert refused.exit_code == 2
    assert "status" in refused.output


@pytest.mark.parametrize("path", ["/profiel", "/en/profiel"])
def test_the_page_explains_every_term(client: FlaskClient, path: str) -> None:
    text = client.get(path, headers={"Accept": "text/html"}).text
    language = "en" if path.startswith("/en") else "nl"
    for term in profiles.terms():
        assert term.name[language] in text
    assert "voorbeeld:toezegging-12" in text


def test_the_shapes_come_as_data(client: FlaskClient) -> None:
    for ending in ("ttl", "nt", "trig"):
        assert "profiel#currentStatus" in client.get(f"/profiel.{ending}").text
    assert client.get("/profiel.docx").status_code == 404
