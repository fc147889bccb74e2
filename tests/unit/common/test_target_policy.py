"""Requests that tenants direct cannot be turned inward: addresses and tricks, none through.

Each is tried twice: as the URL of an endpoint, and as the address that a name has turned out to
have. reference: svix, OWASP's SSRF cheat sheet, the registries of IANA for special addresses.
"""

import ipaddress
import socket

import pytest

from heedful.common.http.targets import TargetPolicy, TargetRefused

POLICY = TargetPolicy(ports=frozenset({80, 443}))

ADDRESSES = [
    "0.0.0.0",  # noqa: S104  # an address to refuse
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]

TRICKS = [
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://00000177.0.0.1/",
    "http://127.0.0.1./",
    "http://0/",
    "http://4294967297/",
    "http://127.0.0.1:80/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1\\.example.com/",
    "http://example.com\\@127.0.0.1/",
    "http://user@127.0.0.1/",
    "http://example.com:80@127.0.0.1/",
    "http://user:password@example.com/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[fe80::1%25eth0]/",
    "http://[::]:80/",
    "http://[::1/",
    "http://example.com:22/",
    "http://example.com:6379/",
    "http://example.com:25/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://example.com:port/",
    "http:///hook",
    "http://",
    "//example.com/",
    "/hook",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/_",
    "dict://example.com/",
    "ldap://example.com/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "jar:http://example.com!/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "http://exa mple.com/",
    "http://example.com\x00.evil/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_special_address_is_reached(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert POLICY.refusal(f"https://{host}/hook") is not None
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(TargetRefused):
        POLICY.socket((family, socket.SOCK_STREAM, 6, "", (address, 443)))


@pytest.mark.parametrize("url", TRICKS)
def test_no_trick_makes_a_target(url: str) -> None:
    assert POLICY.refusal(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/",
        "http://hooks.example.com:443/x?y=z",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://[64:ff9b::808:808]/",
        "https://例子.example/",
        "https://8ball.example/",
    ],
)
def test_public_targets(url: str) -> None:
    assert POLICY.refusal(url) is None


def test_the_operator_names_networks_and_hosts() -> None:
    policy = TargetPolicy(
        ports=frozenset({443}),
        networks=(ipaddress.ip_network("10.1.0.0/16"),),
        hosts=frozenset({"hooks.ops.svc", ".internal.example"}),
    )
    assert policy.refusal("https://10.1.2.3/") is None
    assert policy.refusal("https://10.2.2.3/") is not None
    assert policy.refusal("https://10.1.2.3:9000/") is not None
    assert policy.refusal("http://hooks.ops.svc:9000/") is None
    assert policy.refusal("http://a.internal.example:9000/") is None
    assert policy.refusal("http://internal.example:9000/") is not None
    assert policy.refusal("http://hooks.ops.svc.evil.example:9000/") is not None
    policy.socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 443))).close()
    with pytest.raises(TargetRefused):
        policy.socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.2.2.3", 443)))


def test_only_the_schemes_that_are_allowed() -> None:
    policy = TargetPolicy(schemes=frozenset({"https"}))
    assert policy.refusal("https://example.com/") is None
    assert policy.refusal("http://example.com/") == "the scheme must be one of https"
