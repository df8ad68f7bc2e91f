"""Peers that take part when they are installed: Prism and WireMock, given the same answers as the limit."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.benchmarks.servers import Server
from tests.benchmarks.workloads import ALL, HOST


def peers() -> list[Server]:
    """The peers that are on the path."""
    servers = [Server("prism", _prism, announces=False), Server("wiremock", _wiremock, announces=False)]
    return [server for server in servers if shutil.which(server.name)]


def _prism(folder: Path, port: int) -> list[str]:
    paths: dict[str, dict[str, Any]] = {}
    for workload in ALL:
        content = {"application/json": {"example": json.loads((folder / workload.name).read_bytes())}}
        operation: dict[str, Any] = {"responses": {"200": {"description": "The answer", "content": content}}}
        if workload.body:
            schema = {"type": "object", "required": ["reference"], "properties": {"reference": {"type": "string"}}}
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        paths.setdefault(workload.path.partition("?")[0], {})[workload.method.lower()] = operation
    document = folder / "prism.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Bench", "version": "1"}, "paths": paths}))
    return ["prism", "mock", "--host", HOST, "--port", str(port), "--verboseLevel", "silent", str(document)]


def _wiremock(folder: Path, port: int) -> list[str]:
    root = folder / "wiremock"
    for name in ("mappings", "__files"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for workload in ALL:
        (root / "__files" / workload.name).write_bytes((folder / workload.name).read_bytes())
        stub = {
            "request": {"method": workload.method, "urlPath": workload.path.partition("?")[0]},
            "response": {"status": 200, "bodyFileName": workload.name, "headers": {"Content-Type": "application/json"}},
        }
        (root / "mappings" / f"{workload.name}.json").write_text(json.dumps(stub))
    options = ["--disable-banner", "--use-chunked-encoding", "never", "--max-request-journal-entries", "1000"]
    return ["wiremock", "--port", str(port), "--bind-address", HOST, "--root-dir", str(root), *options]
