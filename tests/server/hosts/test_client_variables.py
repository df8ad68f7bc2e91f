"""Variables that lead programs to real hosts keep what the user has in them."""

import os
from pathlib import Path

from mockserver.server.hosts.authority import make_authority
from mockserver.server.hosts.client_variables import client_variables, write_trust_files


def test_what_a_user_has_in_a_variable_stays_but_for_ways_past_the_proxy(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.pem"
    theirs.write_text("-----BEGIN CERTIFICATE-----\ntheirs\n-----END CERTIFICATE-----", encoding="ascii")
    wgetrc = tmp_path / "wgetrc"
    wgetrc.write_text("tries = 1", encoding="ascii")
    folder = tmp_path / "with a blank"
    folder.mkdir()
    inherited = {
        "NODE_OPTIONS": "--max-old-space-size=512",
        "JAVA_TOOL_OPTIONS": "-Xmx1g",
        "PHP_INI_SCAN_DIR": "/etc/mine",
        "SSL_CERT_FILE": os.fspath(theirs),
        "CURL_CA_BUNDLE": "/nowhere.pem",
        "NO_PROXY": "*",
        "PYTHONPATH": "/mine",
        "WGETRC": os.fspath(wgetrc),
    }
    authority = make_authority(["api.example.com"])
    files = write_trust_files(authority, folder, inherited)
    made = client_variables("http://127.0.0.1:8080", ["api.example.com"], files, inherited, ["mock", ".internal"])
    assert made["NODE_OPTIONS"].startswith("--max-old-space-size=512 --require ")
    assert made["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttp.proxyHost=127.0.0.1 ")
    assert f'"-Djavax.net.ssl.trustStore={folder}/trust-store.p12"' in made["JAVA_TOOL_OPTIONS"]
    assert made["PHP_INI_SCAN_DIR"] == f"/etc/mine{os.pathsep}{folder / 'php'}"
    assert made["NO_PROXY"] == made["no_proxy"] == "localhost,127.0.0.1,::1,mock,.internal"
    assert "-Dhttp.nonProxyHosts=localhost|127.*|[::1]|mock|*.internal " in made["JAVA_TOOL_OPTIONS"]
    assert made["PYTHONPATH"].endswith(f"{os.pathsep}/mine")
    bundle = Path(made["SSL_CERT_FILE"]).read_bytes()
    assert bundle == theirs.read_bytes() + b"\n" + authority.pem
    assert Path(made["CURL_CA_BUNDLE"]).read_bytes() == authority.pem
    assert str(folder / "ca.pem") in (folder / "php" / "mockserver.ini").read_text(encoding="utf-8")
    assert Path(made["WGETRC"]).read_text(encoding="utf-8") == f"tries = 1\nca_certificate = {folder}/ca.pem\n"
