"""Sandboxes are made, listed, shown, reset and dropped, their state kept and restored."""

from itertools import count
from typing import Any

from mockserver.admin.context import AnswerWithHeaders, Context
from mockserver.admin.schemas import NewSandboxSchema, SnapshotNameSchema, SnapshotSchema
from mockserver.admin.turns import at_once
from mockserver.foundation.clock import iso
from mockserver.foundation.problems import Problem, not_found
from mockserver.registry.sandboxes import DEFAULT, MAX_SNAPSHOTS
from mockserver.sandbox.sandbox import Sandbox
from mockserver.sandbox.unit_of_work import when_free
from mockserver.world.rules import warnings_about_pins


async def create_sandbox(context: Context, body: NewSandboxSchema) -> Any:
    """Make a sandbox"""
    sandbox = await when_free(lambda: context.services.sandboxes.create(body))
    description = await at_once(sandbox, lambda: describe_sandbox(context, sandbox))
    return AnswerWithHeaders(description, [("Location", f"{context.url}/__admin/sandboxes/{sandbox.id}")])


def list_sandboxes(context: Context) -> Any:
    """List the sandboxes"""
    sandboxes = context.services.sandboxes
    sandboxes.sweep_if_due()
    lines = [{"id": id, "url": _mount(context, id)} for id in sandboxes.ids()]
    return {"sandboxes": lines, "total": len(lines), "limit": sandboxes.settings.sandbox_limit}


def get_sandbox(context: Context) -> Any:
    """Show a sandbox: its addresses, its credentials, what it was made from"""
    return describe_sandbox(context, context.sandbox)


def delete_sandbox(context: Context) -> Any:
    """Drop a sandbox with everything in it; the default one stays"""
    id = context.params["sandbox"]
    if not context.services.sandboxes.delete(id):
        raise not_found(f"There is no sandbox {id!r}; it was deleted, or dropped when nobody used it.")
    context.api.streams.wake(id)


def reset_sandbox(context: Context) -> Any:
    """Make everything as it was when the sandbox was made, the journal empty"""
    context.sandbox.reset()


def make_snapshot(context: Context, body: SnapshotNameSchema) -> Any:
    """Keep the state of a sandbox as it is now"""
    repository, sandbox = context.services.sandboxes.repository, context.sandbox
    there = repository.snapshots(sandbox.id)
    name = body.name or next(name for number in count(1) if (name := f"s{number}") not in there)
    if name not in there and len(there) >= MAX_SNAPSHOTS:
        raise Problem(
            409,
            "too_many_snapshots",
            f"There are {len(there)} snapshots, the most of a sandbox; give the name of one to replace it.",
        )
    repository.save_snapshot(sandbox.id, name, sandbox.snapshot(name))
    return {"snapshot": name}


def restore_snapshot(context: Context, body: SnapshotSchema) -> Any:
    """Make everything as it was when a snapshot was taken; the journal goes on"""
    repository, sandbox = context.services.sandboxes.repository, context.sandbox
    dump = repository.snapshot(sandbox.id, body.snapshot)
    if dump is None:
        names = ", ".join(repository.snapshots(sandbox.id))
        there = f"there is {names}" if names else "there is none yet"
        raise not_found(f"There is no snapshot {body.snapshot!r} of sandbox {sandbox.id!r}; {there}.")
    sandbox.restore(dump)


def describe_sandbox(context: Context, sandbox: Sandbox) -> dict[str, Any]:
    """A sandbox in the form that the admin API answers."""
    services = context.services
    mount = _mount(context, sandbox.id)
    urls = {name: f"{mount}/{name}" for name in services.providers}
    for name, provider in services.providers.items():
        urls.update({f"{name}_{word}": url for word, url in provider.auth.urls(urls[name]).items()})
    return {
        "id": sandbox.id,
        "urls": urls,
        "origins": context.origins,
        "credentials": {
            name: dict(provider.auth.describe_credentials(account))
            for name, provider in services.providers.items()
            for account in list(sandbox.accounts[name].values())[:1]
        },
        "now": iso(sandbox.clock.time()),
        "frozen": sandbox.clock.frozen,
        "world": sandbox.world.file.name,
        "seed": sandbox.world.seed,
        "variants": sandbox.variants,
        "snapshots": services.sandboxes.repository.snapshots(sandbox.id),
        "warnings": list(warnings_about_pins(sandbox.world)),
    }


def _mount(context: Context, id: str) -> str:
    """The address below which the providers of a sandbox are mounted."""
    return context.url if id == DEFAULT else f"{context.url}/~{id}"
