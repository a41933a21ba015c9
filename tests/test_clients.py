"""Who is asking, as far as the connection and trusted proxies tell."""

import pytest

from raadgraaf.errors import InputError
from raadgraaf.server.clients import client, proxies

PROXY = "127.0.0.1"
TRUSTED = "127.0.0.1, 10.0.0.0/8 ,2001:db8:ffff::/48"


@pytest.mark.parametrize(
    ("address", "forwarded_for", "forwarded", "expected"),
    [
        # Nobody in between, or nobody who is believed
        ("192.0.2.1", None, None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", None, "192.0.2.1"),
        ("192.0.2.1", None, "for=198.51.100.9", "192.0.2.1"),
        (PROXY, None, None, PROXY),
        (PROXY, "", "", PROXY),
        # One proxy: what stands before its entry is by the client
        (PROXY, "198.51.100.9", None, "198.51.100.9"),
        (PROXY, "10.1.1.1, 203.0.113.5, 198.51.100.9", None, "198.51.100.9"),
        (PROXY, "127.0.0.1,198.51.100.9 ", None, "198.51.100.9"),
        # Several proxies
        (PROXY, "203.0.113.5, 198.51.100.9, 10.2.3.4", None, "198.51.100.9"),
        (PROXY, "198.51.100.9, 10.2.3.4, 2001:db8:ffff::1", None, "198.51.100.9"),
        (PROXY, "10.9.9.9, 10.2.3.4", None, "10.9.9.9"),
        # With a port, in brackets
        (PROXY, "198.51.100.9:4711", None, "198.51.100.9"),
        (PROXY, "[2001:db8::1]:443", None, "2001:db8::/64"),
        (PROXY, "[2001:db8::1]", None, "2001:db8::/64"),
        # Forwarded (RFC 7239)
        (PROXY, None, "for=198.51.100.9", "198.51.100.9"),
        (PROXY, None, "proto=https;For=198.51.100.9;by=10.0.0.1", "198.51.100.9"),
        (PROXY, None, 'for=203.0.113.5, for="198.51.100.9:4711"', "198.51.100.9"),
        (PROXY, None, 'for="[2001:db8:cafe::17]:4711";proto=http', "2001:db8:cafe::/64"),
        (PROXY, None, "for=198.51.100.9, for=10.2.3.4;host=x", "198.51.100.9"),
        (PROXY, None, "for=203.0.113.5, proto=https", PROXY),
        (PROXY, None, "xfor=203.0.113.5", PROXY),
        # Hidden, unknown or nonsense: the last that is known
        (PROXY, None, "for=unknown", PROXY),
        (PROXY, None, "for=_hidden, for=10.2.3.4", "10.2.3.4"),
        (PROXY, "unknown", None, PROXY),
        (PROXY, "198.51.100.9,", None, PROXY),
        (PROXY, "198.51.100.9\r\nx, ;;", None, PROXY),
        # Both headers: one may be the client's own
        (PROXY, "198.51.100.9", "for=198.51.100.9", "198.51.100.9"),
        (PROXY, "203.0.113.5", "for=198.51.100.9", PROXY),
        # IPv6 by its network, in whatever form
        ("2001:db8:1:2:3:4:5:6", None, None, "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2::", None, None, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", None, None, "fe80::/64"),
        ("::ffff:192.0.2.1", None, None, "192.0.2.1"),
        ("::ffff:127.0.0.1", "198.51.100.9", None, "198.51.100.9"),
        ("2001:db8:ffff:1::1", "198.51.100.9", None, "198.51.100.9"),
        # No address at all
        ("", "198.51.100.9", None, "unknown"),
        ("/run/socket", None, None, "/run/socket"),
    ],
)
def test_the_client_is_the_hop_before_the_trusted_ones(
    address: str, forwarded_for: str | None, forwarded: str | None, expected: str
) -> None:
    assert client(address, forwarded_for, forwarded, proxies(TRUSTED)) == expected


def test_nobody_is_trusted_unless_named() -> None:
    assert proxies("") == proxies(" , ") == ()
    assert client(PROXY, "198.51.100.9", None, ()) == PROXY


@pytest.mark.parametrize("setting", ["proxy.example", "10.0.0.1/8", "127.0.0.1 10.0.0.1"])
def test_a_proxy_that_is_no_address_is_refused(setting: str) -> None:
    with pytest.raises(InputError, match="RAADGRAAF_TRUSTED_PROXIES"):
        proxies(setting)
