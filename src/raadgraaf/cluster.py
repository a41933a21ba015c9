"""A Dask cluster that does work: the only module that connects to one."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from raadgraaf import __version__
from raadgraaf.errors import ClusterUnavailable, InputError

_Result = TypeVar("_Result")

_SECONDS_TO_CONNECT = 10


def results(
    address: str, function: Callable[..., _Result], asked: Sequence[tuple[Any, ...]]
) -> Iterator[_Result]:
    """Yield what a function returns for each tuple of arguments, in their order.

    It runs on the workers of the Dask scheduler at an address, which have raadgraaf installed.
    """
    try:
        from distributed import CancelledError, Client, KilledWorker  # noqa: PLC0415 # optional
    except ImportError:
        raise InputError(
            "Reading on a cluster needs Dask. Install raadgraaf[cluster], or leave out --cluster."
        ) from None
    try:
        client = Client(  # type: ignore[no-untyped-call] # it is not typed
            address, timeout=_SECONDS_TO_CONNECT, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise ClusterUnavailable(
            f"No Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, "
            "or leave out --cluster."
        ) from None
    with client:
        _require_workers(client.run(_version), address)
        futures = [client.submit(function, *each, pure=False) for each in asked]
        try:
            while futures:
                yield futures[0].result()
                futures.pop(0)  # lets the cluster forget what it holds of it
        except (CancelledError, KilledWorker, OSError) as error:
            raise ClusterUnavailable(
                f"The cluster at {address} broke the work off ({error}). Nothing has been changed. "
                "Look at its workers, then load again."
            ) from None


def _version() -> str:
    return __version__


def _require_workers(versions: dict[str, str], address: str) -> None:
    if not versions:
        raise ClusterUnavailable(
            f"The scheduler at {address} has no workers. Start some with "
            f"`dask worker {address}`, on machines that have raadgraaf {__version__}."
        )
    for worker, version in versions.items():
        if version != __version__:
            raise ClusterUnavailable(
                f"The worker {worker} has raadgraaf {version}, this machine {__version__}. "
                "Install the same version, or the results may differ."
            )
