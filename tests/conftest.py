"""Fixtures: a home with the data of the repository, published once for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from raadgraaf import loaders, releases, transaction
from raadgraaf.config import Settings
from raadgraaf.releases import Release
from raadgraaf.server import create_app
from raadgraaf.store import EmbeddedStore
from raadgraaf.workers import WorkerPool


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a home in which the data of the repository is published."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    contents = loaders.contents(loaders.sources(()), settings.base)
    transaction.load(settings, contents, reason=False)
    return settings


@pytest.fixture(scope="session")
def home(settings: Settings) -> Path:
    """Return the home folder of `settings`; tests must not write in it."""
    return settings.home


@pytest.fixture(scope="session")
def release(home: Path) -> Release:
    """Return the release of the data of the repository."""
    return releases.current(home)


@pytest.fixture(scope="session")
def release_store(release: Release) -> EmbeddedStore:
    """Return the store of that release."""
    return release.open(memory_quads=0)


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[WorkerPool]:
    """Return the query service over that release."""
    pool = WorkerPool(settings)
    yield pool
    pool.close()


@pytest.fixture
def client(service: WorkerPool, settings: Settings) -> FlaskClient:
    """Return a client of the pages over that release."""
    return create_app(service, settings).test_client()
