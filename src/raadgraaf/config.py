"""The settings: each has a name, a default and one sentence, and is read from `RAADGRAAF_*`."""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from raadgraaf.errors import InputError

PLACEHOLDER_BASE = "https://data.example.org/raadgraaf/"
"""The base of the IRIs in the data files; replaced by the setting `base` when they are loaded."""

MEBIBYTE = 1024 * 1024


def _truth(text: str) -> bool:
    if text.lower() not in {"0", "1", "false", "true"}:
        raise ValueError(text)
    return text.lower() in {"1", "true"}


_KINDS: Mapping[type, Callable[[str], object]] = {
    bool: _truth,
    float: float,
    int: int,
    str: str,
    type(Path()): Path,
    type(None): Path,  # a file that need not be named
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set from outside."""

    home: Path = field(
        default=Path("var"), metadata={"about": "Folder that holds everything that is written."}
    )
    base: str = field(
        default=PLACEHOLDER_BASE, metadata={"about": "Base of the IRIs of the data, ending in /."}
    )
    municipality: str = field(
        default="gm0299",
        metadata={"about": "Municipality of sources that do not name theirs, as TOOI code."},
    )
    source_bytes: int = field(
        default=2048 * MEBIBYTE, metadata={"about": "Bytes that a file to load may have."}
    )
    unpacked_bytes: int = field(
        default=200 * MEBIBYTE,
        metadata={"about": "Bytes that a packed file to load, such as XLSX, may unpack to."},
    )
    cell_bytes: int = field(
        default=64 * MEBIBYTE,
        metadata={"about": "Bytes that one row or cell of a file to load may have."},
    )
    processes: int = field(
        default=os.cpu_count() or 1,
        metadata={"about": "Processes that read sources at the same time."},
    )
    deadline: float = field(
        default=30.0, metadata={"about": "Seconds that a query may take before it is killed."}
    )
    page_deadline: float = field(
        default=2.0, metadata={"about": "Seconds that a query of a page may take."}
    )
    trusted_proxies: str = field(
        default="",
        metadata={
            "about": "Addresses or networks of the proxies in front, separated by commas, that are "
            "believed about who asks."
        },
    )
    queue_seconds: float = field(
        default=10.0, metadata={"about": "Seconds that a query may wait for a free worker."}
    )
    queue_length: int = field(
        default=128, metadata={"about": "Queries that may wait for a free worker."}
    )
    workers: int = field(
        default=(os.cpu_count() or 1) + 1,
        metadata={"about": "Worker processes that answer queries."},
    )
    page_workers: int = field(
        default=2, metadata={"about": "Worker processes beside those, for the pages alone."}
    )
    client_seconds: float = field(
        default=60.0,
        metadata={"about": "Seconds of query time that one client may take in a minute."},
    )
    worker_memory: int = field(
        default=512 * MEBIBYTE,
        metadata={"about": "Bytes that a worker may take above its size at the start."},
    )
    result_bytes: int = field(
        default=256 * MEBIBYTE, metadata={"about": "Bytes that a result may have."}
    )
    spool_bytes: int = field(
        default=1024 * MEBIBYTE,
        metadata={"about": "Bytes that all answers may have that are still being sent."},
    )
    cache_bytes: int = field(
        default=64 * MEBIBYTE,
        metadata={"about": "Bytes of answers that are kept for those who ask the same again."},
    )
    log: str = field(
        default="none",
        metadata={
            "about": "Either `json`, a line about each request on standard error without what was "
            "asked and by whom, or `none`."
        },
    )
    drain_seconds: float = field(
        default=60.0,
        metadata={"about": "Seconds that a client may leave its answer unread before it is cut."},
    )
    query_bytes: int = field(
        default=64 * 1024, metadata={"about": "Bytes that the text of a query may have."}
    )
    # pyoxigraph 0.5.13 crashes from 850 levels of NOT EXISTS, 925 of COALESCE(, 2250 of {.
    query_nesting: int = field(
        default=64, metadata={"about": "Levels of brackets that a query may have."}
    )
    # It crashes from 2625 parts of a chain (BIND, ORDER BY); 1000 rows of VALUES must pass.
    query_tokens: int = field(
        default=10_000, metadata={"about": "Words and signs that a query may have."}
    )
    # It plans 64 patterns in 0.1 to 0.5 s, 80 in 1 s, 100 in up to 5 s, 200 in over 12 s.
    query_patterns: int = field(
        default=80,
        metadata={"about": "Triple patterns, steps of paths and groups that a query may join."},
    )
    # It plans 200 operators in 0.04 s, 1000 in up to 1.7 s.
    query_operators: int = field(
        default=200, metadata={"about": "Operators that a query may have."}
    )
    # Its parser takes 0.2 s for 13 levels of !( or REGEX(, twice that for each further one.
    query_steps: int = field(
        default=200_000,
        metadata={
            "about": "Steps that parsing may take; `!`, REGEX, SUBSTR, REPLACE and GROUP_CONCAT "
            "double those inside them."
        },
    )
    contact: str = field(
        default="",
        metadata={"about": "Address or page that fetch gives to the services that it asks."},
    )
    fetch_pause: float = field(
        default=1.0, metadata={"about": "Seconds that fetch waits between two requests."}
    )
    fetch_retries: int = field(
        default=4,
        metadata={"about": "Times that fetch repeats a failed request, after ever longer waits."},
    )
    fetch_seconds: float = field(
        default=60.0, metadata={"about": "Seconds that fetch waits for an answer."}
    )
    memory_quads: int = field(
        default=1_000_000,
        metadata={"about": "Stored quads up to which a release is held in memory."},
    )
    shacl: bool = field(
        default=True, metadata={"about": "Whether the shapes decide on what is written."}
    )
    plain: bool = field(
        default=False,
        metadata={
            "about": "Whether the home is a plain store: a default graph of its own instead of "
            "the merge, and nothing derived or added."
        },
    )
    older_releases: int = field(
        default=2,
        metadata={"about": "Releases before the current one that are open at a time to be asked."},
    )
    token_file: Path | None = field(
        default=None,
        metadata={
            "about": "File with the hashes of the tokens that allow writing over HTTP; without one "
            "it is `tokens` in the home folder."
        },
    )
    upload_bytes: int = field(
        default=50 * MEBIBYTE, metadata={"about": "Bytes that an upload or update may have."}
    )
    write_seconds: float = field(
        default=600.0, metadata={"about": "Seconds that a write over HTTP may take."}
    )
    writer_memory: int = field(
        default=4096 * MEBIBYTE,
        metadata={"about": "Bytes that reading an upload or carrying out an update may take."},
    )
    store: str = field(
        default="",
        metadata={
            "about": "Addresses of SPARQL 1.1 endpoints, separated by commas, that answer instead "
            "of this machine; each holds what `publish --to` sent it."
        },
    )
    store_user: str = field(
        default="", metadata={"about": "User name for the stores, with `store_password`."}
    )
    store_password: str = field(
        default="", repr=False, metadata={"about": "Password of that user."}
    )
    store_digest: bool = field(
        default=False,
        metadata={"about": "Whether the password is sent as a digest, as Virtuoso asks it."},
    )
    store_token: str = field(
        default="", repr=False, metadata={"about": "Bearer token for the stores."}
    )
    store_check_seconds: float = field(
        default=2.0, metadata={"about": "Seconds between two looks at each store."}
    )
    title: str = field(
        default="Toezeggingen en raadsvragen",
        metadata={"about": "Name of the data set in its description, in Dutch."},
    )
    publisher: str = field(
        default="",
        metadata={
            "about": "IRI of the organization that publishes the data set, such as that of a "
            "municipality in the TOOI register; without one it gets an IRI below the base."
        },
    )
    publisher_name: str = field(
        default="",
        metadata={
            "about": "Name of that organization; without one it is the keeper of the host of the "
            "base."
        },
    )
    publisher_contact: str = field(
        default="",
        metadata={
            "about": "Where to write about the data, as `mailto:` or `https:` address; without "
            "one it is the base."
        },
    )
    releases_kept: int = field(
        default=10, metadata={"about": "Unnamed releases that are kept for going back."}
    )

    def __post_init__(self) -> None:
        """Refuse a base that cannot be joined with a path."""
        if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+/", self.base):
            raise InputError(
                f"The base {self.base!r} is not an http(s) IRI that ends in a slash. "
                "Set RAADGRAAF_BASE to one such as https://data.example.org/raadgraaf/."
            )
        for name, schemes in (
            ("publisher", "https?://"),
            ("publisher_contact", "mailto:|https?://"),
        ):
            value = getattr(self, name)
            if value and not re.fullmatch(rf"({schemes})[^\s<>\"{{}}|\\^`]+", value):
                raise InputError(
                    f"RAADGRAAF_{name.upper()} is {value!r}, which is not an address that begins "
                    f"with {schemes.replace('?', '(s)').replace('|', ' or ')}. Write it in full."
                )
        if not re.fullmatch(r"gm[0-9]{4}", self.municipality):
            raise InputError(
                f"The municipality {self.municipality!r} is not a TOOI code. "
                "Set RAADGRAAF_MUNICIPALITY to one such as gm0299."
            )
        if self.log not in {"json", "none"}:
            raise InputError(f"RAADGRAAF_LOG is {self.log!r}. Set it to json or none.")
        for setting in fields(self):
            value = getattr(self, setting.name)
            if isinstance(value, int | float) and not (0 <= value < math.inf):
                raise InputError(
                    f"RAADGRAAF_{setting.name.upper()} is {value}. Set it to a number from 0 up."
                )
        for name in ("workers", "page_workers", "older_releases", "processes"):
            if getattr(self, name) < 1:
                raise InputError(f"RAADGRAAF_{name.upper()} is 0. Set it to 1 or more.")


def from_environment(environment: Mapping[str, str], **given: object) -> Settings:
    """Return the settings of the environment, overruled by those that were `given`."""
    values: dict[str, object] = {}
    for setting in fields(Settings):
        name = f"RAADGRAAF_{setting.name.upper()}"
        if name in environment:
            kind: Callable[[str], object] = _KINDS[type(setting.default)]
            try:
                values[setting.name] = kind(environment[name])
            except ValueError:
                raise InputError(
                    f"{name} is {environment[name]!r}, which is not "
                    f"{'true or false' if kind is _truth else 'a number'}. "
                    f"Leave it unset for the default of {setting.default}."
                ) from None
    values.update({name: value for name, value in given.items() if value is not None})
    return Settings(**values)  # type: ignore[arg-type]  # each value was made by its field's type
