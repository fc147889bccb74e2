"""Where a tenant may send us."""

import ipaddress
import socket

import pytest

from heedful.common.http.targets import TargetRefused, guarded_socket, is_public, refusal

# reference/delivery-and-timers.md §3.2 lists what CPython's is_private and is_global get wrong.
NOT_PUBLIC = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104  # an address to refuse
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "192.0.2.1",
    "240.0.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "5f00::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_refused_addresses(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(TargetRefused):
        guarded_socket((family, socket.SOCK_STREAM, 6, "", (address, 443)))
    host = f"[{address}]" if ":" in address else address
    assert refusal(f"https://{host}/hook", allow_private=False) is not None
    assert refusal(f"https://{host}/hook", allow_private=True) is None


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_odd_spellings_of_an_address(host: str) -> None:
    assert refusal(f"http://{host}/", allow_private=False) is not None
    with pytest.raises(TargetRefused):
        guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80)))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "https://",
        "https://user:pass@example.com/",
        "https://example.com:99999/",
        "https://[::1/",
        "example.com",
    ],
)
def test_refused_forms(url: str) -> None:
    assert refusal(url, allow_private=True) is not None


def test_names_are_judged_when_connecting() -> None:
    assert refusal("https://hooks.example.com:8443/x?y=1", allow_private=False) is None


def test_a_public_address_gets_its_socket() -> None:
    made = guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 443)))
    made.close()
