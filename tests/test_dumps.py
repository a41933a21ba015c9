"""The files of a release: complete, equal to the endpoint, and the same bytes for the same data."""

import gzip
import hashlib
from pathlib import Path

from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from raadgraaf import dumps, loaders, releases, transaction
from raadgraaf.cli import main
from raadgraaf.config import Settings
from raadgraaf.releases import Release
from raadgraaf.store import EmbeddedStore

FORMS = {"raadgraaf.nq.gz": RdfFormat.N_QUADS, "raadgraaf.trig.gz": RdfFormat.TRIG}


def addresses(client: FlaskClient, base: str) -> list[str]:
    """Return the addresses of the files that the description names."""
    found = parse(client.get("/dataset.nt").data, format=RdfFormat.N_TRIPLES)
    dumped = NamedNode("http://rdfs.org/ns/void#dataDump")
    return sorted(
        "/" + quad.object.value.removeprefix(base)
        for quad in found
        if quad.predicate == dumped and isinstance(quad.object, NamedNode)
    )


def everything(store: EmbeddedStore) -> set[tuple[str, ...]]:
    rows = store.query("SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }")
    return {tuple(map(str, row)) for row in rows}  # type: ignore[union-attr, arg-type]


def test_the_files_of_the_description_hold_what_the_endpoint_has(
    client: FlaskClient, release_store: EmbeddedStore, settings: Settings
) -> None:
    stored = everything(release_store)
    named = addresses(client, settings.base)
    assert [Path(each).name for each in named] == sorted(dumps.FILES)
    for address in named:
        with client.get(address) as response:
            assert response.mimetype == "application/gzip"
            assert 'rel="license"' in response.headers["Link"]
            content = gzip.decompress(response.data)
        # A store writes numbers in its own way, such as 1 for 1.0.
        loaded = EmbeddedStore.in_memory()
        loaded.add(parse(content, format=FORMS[Path(address).name]))
        assert everything(loaded) == stored


def test_a_file_has_its_digest_beside_it(client: FlaskClient, release: Release) -> None:
    with client.get(f"/dumps/{release.number}/SHA256SUMS") as response:
        lines = dict(reversed(line.split("  ")) for line in response.text.splitlines())  # type: ignore[misc]
    assert lines.keys() == dumps.FILES.keys()
    for name, digest in lines.items():
        with client.get(f"/dumps/{release.number}/{name}") as response:
            assert hashlib.sha256(response.data).hexdigest() == digest
            tag = response.headers["ETag"]
        unchanged = {"If-None-Match": tag}
        with client.get(f"/dumps/{release.number}/{name}", headers=unchanged) as again:
            assert again.status_code == 304


def test_other_files_of_a_release_are_not_given(client: FlaskClient, release: Release) -> None:
    for path in ("1/manifest.json", "1/..%2Fmanifest.json", f"{release.number + 1}/SHA256SUMS"):
        assert client.get(f"/dumps/{path}").status_code == 404


def test_the_same_data_give_the_same_bytes(release: Release, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    contents = loaders.contents(loaders.sources(()), settings.base)
    transaction.load(settings, contents, reason=False)
    for name in (*dumps.FILES, dumps.SUMS):
        first = release.path / dumps.FOLDER / name
        again = releases.current(tmp_path).path / dumps.FOLDER / name
        assert first.read_bytes() == again.read_bytes()


def test_the_command_copies_them(home: Path, release: Release, tmp_path: Path) -> None:
    output = tmp_path / "files"
    done = CliRunner().invoke(main, ["export", "dump", "--home", str(home), "-o", str(output)])
    assert done.exit_code == 0
    for name in (*dumps.FILES, dumps.SUMS):
        assert (output / name).read_bytes() == (release.path / "dumps" / name).read_bytes()
