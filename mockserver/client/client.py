"""The client of one server: its release and its sandboxes."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mockserver.client.connection import AdminConnection, without_none
from mockserver.client.coverage import FidelityRow, read_fidelity
from mockserver.client.descriptions import (
    BundledScenario,
    RealHosts,
    Release,
    SandboxListing,
    read_hosts,
    read_release,
    read_sandbox,
    read_sandboxes,
    read_scenarios,
)
from mockserver.client.documents import Document, scenario_field, world_document
from mockserver.client.moments import MomentLike, moment_text
from mockserver.client.sandbox import SandboxHandle, path_of


class Client:
    """The admin API of the server at `url`; `token` is its admin token, where it has one.

    A context manager: it keeps a connection open until it is closed. Every method that asks the server raises
    `ClientError`, with the server's own sentence, when it is refused.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._connection = AdminConnection(self.url, token)
        self.sandboxes = Sandboxes(self._connection)

    def sandbox(self, id: str = "default") -> SandboxHandle:
        """The sandbox of that id; a missing one is refused with the first call to it."""
        return SandboxHandle(self._connection, id)

    def version(self) -> str:
        """The version of the server."""
        return self.release().version

    def release(self) -> Release:
        """The release of the server."""
        return read_release(self._connection.get("/version"))

    def hosts(self) -> RealHosts:
        """The real hosts that the server answers, and the others that were called and refused."""
        return read_hosts(self._connection.get("/hosts"))

    def is_live(self) -> bool:
        """Tells whether the server answers. Raises ClientError when it cannot be reached."""
        return self._is_ok("/health/live")

    def is_ready(self) -> bool:
        """Tells whether the server can serve. Raises ClientError when it cannot be reached."""
        return self._is_ok("/health/ready")

    def scenarios(self) -> tuple[BundledScenario, ...]:
        """The scenarios that come with the server."""
        return read_scenarios(self._connection.get("/scenarios"))

    def fidelity(self, provider: str | None = None) -> tuple[FidelityRow, ...]:
        """The rows of the fidelity ledger, of one provider when it is named."""
        return read_fidelity(self._connection.get("/fidelity", {"provider": provider}))

    def contract(self, provider: str) -> Mapping[str, Any]:
        """The contract of a provider as served, overlays applied: an OpenAPI document."""
        document: Mapping[str, Any] = self._connection.get(f"/contracts/{quote(provider, safe='')}")
        return document

    def openapi(self) -> Mapping[str, Any]:
        """The OpenAPI document of the admin API itself."""
        document: Mapping[str, Any] = self._connection.get("/openapi.json")
        return document

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _is_ok(self, path: str) -> bool:
        ok: bool = self._connection.get(path)["status"] == "ok"
        return ok

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client of {self.url}>"


class Sandboxes:
    """The sandboxes of a server."""

    def __init__(self, connection: AdminConnection) -> None:
        self._connection = connection

    def create(
        self,
        id: str | None = None,
        *,
        world: Document | None = None,
        seed: int | None = None,
        now: MomentLike | None = None,
        variants: Mapping[str, Mapping[str, str]] | None = None,
        scenario: Document | None = None,
        credentials: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> SandboxHandle:
        """A new sandbox; members that are not given are as in the default one, and the id is made up.

        `now` is where its clock stands still. `world` and `scenario` are names, files of yours (`pathlib.Path`) or
        documents. `variants` and `credentials` go by provider. Raises ClientError, of status 409 when the id is taken.
        """
        request = without_none(
            id=id,
            world=None if world is None else world_document(world),
            seed=seed,
            now=None if now is None else moment_text(now),
            variants=variants,
            scenario=None if scenario is None else scenario_field(scenario),
            credentials=credentials,
        )
        description = read_sandbox(self._connection.post("/sandboxes", request))
        return SandboxHandle(self._connection, description.id, description)

    def load(
        self,
        capsule: str | PathLike[str] | bytes,
        id: str | None = None,
        *,
        credentials: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> SandboxHandle:
        """A new sandbox of a capsule, which is a file of yours or its content.

        Without an id it is that of the saved one, where that is free here. `credentials` by provider are those that
        were chosen for the saved one, given again; `warnings` of the description say which are missing. Raises
        ClientError, and OSError for a file that cannot be read.
        """
        content = capsule if isinstance(capsule, bytes) else Path(capsule).read_bytes()
        headers = {} if credentials is None else {"x-mockserver-credentials": json.dumps(credentials, default=dict)}
        answer = self._connection.post_file("/capsules", content, {"as": id}, headers)
        description = read_sandbox(answer)
        return SandboxHandle(self._connection, description.id, description)

    def list(self) -> tuple[SandboxHandle, ...]:
        """All sandboxes, in the order in which they were made; `default` is one."""
        return tuple(SandboxHandle(self._connection, sandbox.id) for sandbox in self.listing().sandboxes)

    def listing(self) -> SandboxListing:
        """Ids and addresses of all sandboxes, and the most that the server keeps."""
        return read_sandboxes(self._connection.get("/sandboxes"))

    def delete(self, id: str) -> None:
        """Drops one. Raises ClientError when there is none of that id."""
        self._connection.call("DELETE", path_of(id))
