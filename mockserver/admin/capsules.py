"""Capsules: a sandbox is saved as one file, and made again of it, here or elsewhere."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import Field

from mockserver.admin.context import AnswerWithHeaders, Context, EncodedAnswer
from mockserver.admin.sandboxes import describe_sandbox
from mockserver.admin.schemas import Schema, Slug
from mockserver.admin.turns import at_once, beside_others, each_of, in_slices
from mockserver.foundation.problems import Problem, malformed
from mockserver.sandbox.unit_of_work import when_free

_CREDENTIALS = "X-Mockserver-Credentials"
HEADERS = {
    _CREDENTIALS: "Credentials that were chosen for the saved sandbox, given again: JSON by provider, in its own words."
}


class CapsuleQuery(Schema):
    """The choices of who loads a capsule."""

    id: Slug | None = Field(default=None, alias="as")
    """The id of the sandbox; that of the saved one when it is missing, or made up where that one is there."""


async def save_capsule(context: Context) -> Any:
    """Save a sandbox as a capsule: JSON in gzip, without secrets, for `POST /capsules` here or elsewhere"""
    from mockserver.registry.capsules.fingerprint import fingerprint
    from mockserver.registry.capsules.making import CapsuleMaking

    services, sandbox = context.services, context.sandbox
    spec = await when_free(lambda: services.sandboxes.repository.find(sandbox.id))
    if spec is None:
        raise Problem(404, "not_found", f"There is no sandbox {sandbox.id!r} any more.")
    await each_of(sandbox.journal.read, sandbox.journal.waiting())
    mark = fingerprint(sandbox.world)
    making = await beside_others(
        sandbox, lambda: CapsuleMaking(sandbox, spec, services.providers, services.settings, mark)
    )
    body = b"".join([part async for part in in_slices(making.parts())])
    return AnswerWithHeaders(
        EncodedAnswer(body), [("Content-Disposition", f'attachment; filename="{sandbox.id}.capsule.json.gz"')]
    )


async def load_capsule(context: Context, raw: bytes, query: CapsuleQuery) -> Any:
    """Make a sandbox of a capsule"""
    from mockserver.registry.capsules.file_format import CapsuleReading
    from mockserver.registry.capsules.loading import begin_loading

    sandboxes, credentials = context.services.sandboxes, _credentials(context)
    reading = CapsuleReading(raw, sandboxes.memory.check)
    async for _ in in_slices(reading):
        pass
    loading = await when_free(lambda: begin_loading(sandboxes, reading.capsule, query.id, credentials))
    async for _ in in_slices(loading):
        pass
    sandbox = await when_free(loading.admit)
    if sandbox.is_shared:
        await asyncio.to_thread(loading.fill)
    else:
        loading.fill()
    description = await at_once(sandbox, lambda: describe_sandbox(context, sandbox))
    description["warnings"] = [*description["warnings"], *loading.warnings()]
    return AnswerWithHeaders(description, [("Location", f"{context.url}/__admin/sandboxes/{sandbox.id}")])


def _credentials(context: Context) -> Mapping[str, Mapping[str, Any]]:
    text = context.header(_CREDENTIALS.lower())
    if text is None:
        return {}
    try:
        credentials = orjson.loads(text.encode("latin-1"))
    except ValueError:
        credentials = None
    if not isinstance(credentials, dict) or not all(isinstance(words, dict) for words in credentials.values()):
        raise malformed(f'{_CREDENTIALS} is no JSON of the form {{"PROVIDER": {{…}}}}.')
    return credentials
