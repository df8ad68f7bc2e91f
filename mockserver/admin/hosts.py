"""Calls about the real hosts that the server answers: where they lead, what was refused, whom a client has to trust."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from mockserver.admin.context import Context
from mockserver.admin.schemas import Schema
from mockserver.foundation.problems import not_found

CERTIFICATE_MEDIA = "application/x-pem-file"


class HostsSchema(Schema):
    """The real hosts that are answered here, and the others that were called."""

    hosts: Mapping[str, str]
    """The place of each in the form of `--host-route`: a provider, perhaps with the beginning of a path."""
    refused: Mapping[str, int]
    """The number of calls to each other host that this process refused."""
    tls: bool


def get_hosts(context: Context) -> Any:
    """Tell which real hosts are answered here, and which others were called and refused"""
    hosting = context.services.hosting
    if hosting is None:
        return {"hosts": {}, "refused": {}, "tls": False}
    tls = hosting.certificate is not None
    return {"hosts": dict(hosting.places), "refused": dict(hosting.refusals), "tls": tls}


def get_certificate(context: Context) -> Any:
    """Show the certificate of the authority that clients have to trust"""
    hosting = context.services.hosting
    certificate = None if hosting is None else hosting.certificate
    if certificate is None:
        raise not_found("This server has no certificate; start it with `--tls`.")
    return Response(certificate, media_type=CERTIFICATE_MEDIA)
