"""Peers that take part where they are installed, with the same canned answers as the limit; none checks anything."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.benchmarks.servers import Server
from tests.benchmarks.workloads import ALL, HOST, Workload

Start = Callable[[Path, int], Sequence[str]]
"""Writes what a peer needs into a folder of answers; returns its options for a port."""
FOLDERS = ("bin", "node_modules/.bin")
"""The places in a folder of peers where `python -m venv` and `npm install --prefix` put programs."""


def peers(folder: Path | None = None) -> list[Server]:
    """Returns the peers that are on the path, or in a folder that holds a virtual environment and npm's packages."""
    places = [*(str(folder / name) for name in FOLDERS if folder), os.environ.get("PATH", os.defpath)]
    known: tuple[tuple[str, str, Start], ...] = (
        ("pact", "pact", _pact),
        ("wiremock", "wiremock", _wiremock),
        ("prism", "prism", _prism),
        ("mockoon", "mockoon-cli", _mockoon),
    )
    found = [(name, shutil.which(program, path=os.pathsep.join(places)), start) for name, program, start in known]
    return [_peer(name, program, start) for name, program, start in found if program]


def _peer(name: str, program: str, start: Start) -> Server:
    return Server(name, lambda folder, port: [program, *start(folder, port)], announces=False)


def _pact(folder: Path, port: int) -> Sequence[str]:
    """Options of the stub server, written in Rust, that `pact-python-cli` brings."""
    interactions = []
    for workload in ALL:
        request: dict[str, Any] = {"method": workload.method, "path": workload.route}
        if "?" in workload.path:
            request["query"] = workload.path.partition("?")[2]
        answer = {
            "status": workload.status,
            "headers": {"Content-Type": "application/json"},
            "body": json.loads((folder / workload.name).read_bytes()),
        }
        interactions.append({"description": workload.name, "request": request, "response": answer})
    document = folder / "pact.json"
    parties = {"consumer": {"name": "bench"}, "provider": {"name": "bench"}}
    meta = {"metadata": {"pactSpecification": {"version": "2.0.0"}}}
    document.write_text(json.dumps({**parties, "interactions": interactions, **meta}), encoding="utf-8")
    return ["stub", "--file", str(document), "--port", str(port), "--loglevel", "none"]


def _prism(folder: Path, port: int) -> Sequence[str]:
    paths: dict[str, dict[str, Any]] = {}
    for workload in ALL:
        content = {"application/json": {"example": json.loads((folder / workload.name).read_bytes())}}
        answer = {"description": "The answer", "content": content}
        operation: dict[str, Any] = {"responses": {str(workload.status): answer}}
        if workload.body:
            members: dict[str, Any] = {name: {} for name in json.loads(workload.body)}
            schema = {"type": "object", "required": list(members), "properties": members}
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        paths.setdefault(workload.route, {})[workload.method.lower()] = operation
    document = folder / "prism.json"
    described = {"openapi": "3.1.0", "info": {"title": "Bench", "version": "1"}, "paths": paths}
    document.write_text(json.dumps(described), encoding="utf-8")
    return ["mock", "--host", HOST, "--port", str(port), "--verboseLevel", "silent", str(document)]


def _wiremock(folder: Path, port: int) -> Sequence[str]:
    """Options of WireMock without its journal, which is faster and keeps its memory bounded."""
    root = folder / "wiremock"
    for name in ("mappings", "__files"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for workload in ALL:
        (root / "__files" / workload.name).write_bytes((folder / workload.name).read_bytes())
        headers = {"Content-Type": "application/json"}
        stub = {
            "request": {"method": workload.method, "urlPath": workload.route},
            "response": {"status": workload.status, "bodyFileName": workload.name, "headers": headers},
        }
        (root / "mappings" / f"{workload.name}.json").write_text(json.dumps(stub), encoding="utf-8")
    options = ["--disable-banner", "--use-chunked-encoding", "never", "--no-request-journal"]
    return ["--port", str(port), "--bind-address", HOST, "--root-dir", str(root), *options]


def _mockoon(folder: Path, port: int) -> Sequence[str]:
    """Options of Mockoon's command line, with templates off: it answers the bytes as they are."""
    routes = [_mockoon_route(workload, folder) for workload in ALL]
    environment = {
        "uuid": _uuid("environment"),
        "lastMigration": 33,
        "name": "bench",
        "port": port,
        "hostname": HOST,
        "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
    }
    document = folder / "mockoon.json"
    document.write_text(json.dumps(environment), encoding="utf-8")
    quiet = ["--disable-log-to-file", "--disable-admin-api", "--max-transaction-logs", "1"]
    return ["start", "--data", str(document), "--repair", *quiet]


def _mockoon_route(workload: Workload, folder: Path) -> dict[str, Any]:
    answer = {
        "uuid": _uuid(f"answer {workload.name}"),
        "body": (folder / workload.name).read_text(encoding="utf-8"),
        "bodyType": "INLINE",
        "statusCode": workload.status,
        "headers": [{"key": "Content-Type", "value": "application/json"}],
        "disableTemplating": True,
        "default": True,
    }
    return {
        "uuid": _uuid(f"route {workload.name}"),
        "type": "http",
        "method": workload.method.lower(),
        "endpoint": workload.route[1:],
        "responses": [answer],
    }


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))
