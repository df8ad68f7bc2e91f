"""The variables by which a program calls the fake in the place of real hosts, whatever language it is written in."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from mockserver.foundation.dataclass import dataclass
from mockserver.foundation.resources import resource
from mockserver.server.hosts.authority import LOCAL_NAMES, STORE_PASSWORD, Authority

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
"""Variables that name a file of certificates to trust."""
_NOT_PROXIED = ("localhost", "127.*", "[::1]")
"""The hosts that Java calls without a proxy."""
_PHP = 'curl.cainfo="{ca}"\nopenssl.cafile="{ca}"\n'


@dataclass(frozen=True, slots=True)
class TrustFiles:
    """The files in which programs look for whom they trust."""

    ca: Path
    trust_store: Path
    """The same for Java."""
    php: Path
    """A folder of settings of PHP."""
    wget: Path
    """The user's settings of wget, which looks at no variable for whom it trusts, and ours after them."""
    bundles: Mapping[str, Path]
    """Files by variable that the user has set: theirs, and ours after it."""


def write_trust_files(authority: Authority, folder: Path, inherited: Mapping[str, str]) -> TrustFiles:
    """Writes them into a folder. What the user's variables already trust stays trusted."""
    php = folder / "php"
    php.mkdir()
    ca, trust_store = folder / "ca.pem", folder / "trust-store.p12"
    ca.write_bytes(authority.pem)
    trust_store.write_bytes(authority.java_trust_store())
    (php / "mockserver.ini").write_text(_PHP.format(ca=ca), encoding="utf-8")
    wget, theirs_of_wget = folder / "wgetrc", inherited.get("WGETRC") or os.path.expanduser("~/.wgetrc")
    wget.write_bytes(_content(theirs_of_wget).rstrip() + f"\nca_certificate = {ca}\n".encode())
    bundles = {}
    for name in _BUNDLES:
        if theirs := _content(inherited.get(name)):
            bundles[name] = folder / f"{name.lower()}.pem"
            bundles[name].write_bytes(theirs.rstrip() + b"\n" + authority.pem)
    return TrustFiles(ca, trust_store, php, wget, bundles)


def client_variables(
    proxy: str, hosts: Iterable[str], files: TrustFiles, inherited: Mapping[str, str], own_names: Iterable[str] = ()
) -> dict[str, str]:
    """Returns the variables of a program that is led to the proxy. Options of the user's stay before ours.

    The proxy is for every host but this machine, which has `own_names` beside the usual ones: what a user has in
    NO_PROXY would be a way past it.
    """
    names = list(dict.fromkeys([*LOCAL_NAMES, *own_names]))
    host, _, port = proxy.partition("://")[2].rpartition(":")
    preload, python = resource("fixtures", "hosts", "node-preload.cjs"), resource("fixtures", "hosts", "python")
    java = {
        **{f"{scheme}.proxyHost": host for scheme in ("http", "https")},
        **{f"{scheme}.proxyPort": port for scheme in ("http", "https")},
        # Java writes an asterisk where NO_PROXY has a dot for all names below another.
        "http.nonProxyHosts": "|".join(
            [*_NOT_PROXIED, *(f"*{name}" if name.startswith(".") else name for name in names[len(LOCAL_NAMES) :])]
        ),
        "javax.net.ssl.trustStore": os.fspath(files.trust_store),
        "javax.net.ssl.trustStorePassword": STORE_PASSWORD,
        "javax.net.ssl.trustStoreType": "PKCS12",
    }
    return {
        **{spelled: proxy for name in _PROXIES for spelled in (name, name.lower())},
        **dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(names)),
        **{name: os.fspath(files.bundles.get(name, files.ca)) for name in _BUNDLES},
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": _added(inherited, "NODE_OPTIONS", f"--require {_quoted(preload.as_posix())}"),
        "JAVA_TOOL_OPTIONS": _added(
            inherited, "JAVA_TOOL_OPTIONS", " ".join(_quoted(f"-D{name}={value}") for name, value in java.items())
        ),
        "PYTHONPATH": os.pathsep.join([os.fspath(python), *filter(None, [inherited.get("PYTHONPATH")])]),
        # An empty part is the folder that PHP was built with.
        "PHP_INI_SCAN_DIR": f"{inherited.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{files.php}",
        "WGETRC": os.fspath(files.wget),
        "MOCKSERVER_PROXY": proxy,
        "MOCKSERVER_HOSTS": ",".join(hosts),
    }


def _added(inherited: Mapping[str, str], name: str, option: str) -> str:
    return f"{inherited[name]} {option}" if inherited.get(name, "").strip() else option


def _quoted(text: str) -> str:
    """Returns an option as programs read it from a variable: in quotes where it has blanks."""
    return f'"{text}"' if any(character.isspace() for character in text) else text


def _content(file: str | None) -> bytes:
    """Returns what is in a file of the user's; nothing where there is none."""
    try:
        return Path(file).read_bytes() if file else b""
    except OSError:
        return b""
