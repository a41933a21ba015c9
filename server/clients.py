"""Who asks: the address that shares of the workers and query time are counted by."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from raadgraaf.errors import InputError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

IPV6_PREFIX = 64
"""What one household or server gets: whoever has it has all the addresses in it."""

_FOR = re.compile(r'(?:^|;)\s*for\s*=\s*("[^"]*"|[^;"\s]*)\s*(?=;|$)', re.IGNORECASE)
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\w*)?|([0-9.]+):\w*")


@lru_cache(1)
def proxies(setting: str) -> Sequence[Network]:
    """Return the networks that the setting `trusted_proxies` names."""
    try:
        return tuple(ip_network(each.strip()) for each in setting.split(",") if each.strip())
    except ValueError as error:
        raise InputError(
            f"RAADGRAAF_TRUSTED_PROXIES is {setting!r}: {error}. "
            "Give addresses or networks such as 127.0.0.1, 10.0.0.0/8, separated by commas."
        ) from None


def client(
    address: str, forwarded_for: str | None, forwarded: str | None, trusted: Sequence[Network]
) -> str:
    """Return who asks; never empty.

    `address` is that of the connection; the others are the headers X-Forwarded-For and Forwarded
    (RFC 7239), whose last entry is by the nearest proxy. Each trusted proxy is believed about
    the hop before it. Proxies set one of the headers and may pass on the other as it was sent:
    where they differ, neither is believed.
    """
    nearest = _address(address)
    if nearest is None:
        return address or "unknown"
    told = {
        _before(nearest, hops, trusted)
        for hops in (_hops_of_list(forwarded_for), _hops_of_forwarded(forwarded))
        if hops
    }
    found = told.pop() if len(told) == 1 else nearest
    if isinstance(found, IPv6Address):
        return str(ip_network((found.packed, IPV6_PREFIX), strict=False))
    return str(found)


def _before(nearest: Address, hops: Sequence[str], trusted: Sequence[Network]) -> Address:
    """Return the last hop that no trusted proxy stands for."""
    found = nearest
    for hop in reversed(hops):
        if not any(found in network for network in trusted):
            break
        address = _address(hop)
        if address is None:  # hidden or unknown to the proxy
            break
        found = address
    return found


def _hops_of_list(header: str | None) -> Sequence[str]:
    return [each.strip() for each in header.split(",")] if header else []


def _hops_of_forwarded(header: str | None) -> Sequence[str]:
    if not header:
        return []
    found = (_FOR.search(each) for each in header.split(","))
    return [each[1].strip('"') if each else "" for each in found]


def _address(text: str) -> Address | None:
    """Return an address that may be in brackets and have a port."""
    port = _WITH_PORT.fullmatch(text)
    try:
        found = ip_address((port[1] or port[2]) if port else text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or IPv6Address(found.packed)  # without the name of an interface
    return found
