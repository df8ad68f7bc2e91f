"""Every endpoint of the admin API: routing, validation and the OpenAPI document are derived from these rows."""

from dataclasses import replace

from mockserver.admin import (
    about,
    access,
    capsules,
    clocks,
    events,
    faults,
    hosts,
    journal,
    leads,
    metrics,
    response_schemas,
    sandboxes,
    scenarios,
    schemas,
    webhooks,
)
from mockserver.admin.routes import EndpointSpec
from mockserver.registry.choices import MAX_CAPSULE_FILE
from mockserver.sandbox.changes import Arrival, LeadPatch, LeadSchema
from mockserver.sandbox.faults import Fault
from mockserver.sandbox.webhooks import DeliveryFault, WebhooksSchema
from mockserver.scenarios.model import ScenarioState
from mockserver.verification import Expectation

_NO_METRICS = {501: "The extra `metrics` is not installed."}
_NO_PROVIDER = {404: "There is no such provider."}
_NOT_THERE = {422: "Something that the request names is not there, or cannot be changed like this."}
_NO_SCENARIO = {422: "There is no such scenario, or the document is none."}
_MANY_FAULTS = {409: "There are as many faults as a sandbox may have."}
_MANY_DELIVERY_FAULTS = {409: "There are as many delivery faults as a sandbox may have."}
_NO_KEYS = {409: "The provider has no signing keys, or as many as it may have."}
_MANY_SNAPSHOTS = {409: "There are as many snapshots as a sandbox may have."}
_NO_CAPSULE = {422: "The file is no capsule, is damaged or newer, or this server would answer otherwise than it says."}
_TOO_LARGE = {422: "The sandbox has more in it than a capsule can hold."}
_TAKEN = {409: "The id or the credentials are another sandbox's, or there are as many sandboxes as this server keeps."}
_ONE_STAYS = {422: "The default sandbox is always there."}
_NOT_AWAITED = {409: "No step waits for this signal now."}
_NO_NAME = {422: "No call can have that provider, or that operation."}
_MANY_STREAMS = {503: "There are as many open streams as this server keeps, or its store cannot be used."}

_OF_SERVER = (
    EndpointSpec("GET", "/health/live", about.live, answer=response_schemas.HealthSchema),
    EndpointSpec("GET", "/health/ready", about.ready, answer=response_schemas.HealthSchema),
    EndpointSpec("GET", "/version", about.version, answer=response_schemas.ReleaseSchema),
    EndpointSpec("GET", "/metrics", metrics.get_metrics, media="text/plain", errors=_NO_METRICS),
    EndpointSpec("GET", "/openapi.json", about.get_openapi, answer=response_schemas.RawDocumentSchema),
    EndpointSpec("GET", "/contracts/{provider}", about.get_contract, answer=response_schemas.RawDocumentSchema),
    EndpointSpec(
        "GET",
        "/fidelity",
        about.get_fidelity,
        query=about.FidelityQuery,
        answer=response_schemas.LedgerSchema,
        errors=_NO_PROVIDER,
    ),
    EndpointSpec("GET", "/hosts", hosts.get_hosts, answer=hosts.HostsSchema),
    EndpointSpec(
        "GET",
        "/ca.pem",
        hosts.get_certificate,
        media=hosts.CERTIFICATE_MEDIA,
        errors={404: "The server speaks no HTTPS."},
    ),
    EndpointSpec("GET", "/scenarios", scenarios.list_scenarios, answer=scenarios.ScenarioListSchema),
    EndpointSpec("GET", "/sandboxes", sandboxes.list_sandboxes, answer=schemas.SandboxListSchema),
    EndpointSpec(
        "POST",
        "/sandboxes",
        sandboxes.create_sandbox,
        body=schemas.NewSandboxSchema,
        answer=schemas.SandboxSchema,
        status=201,
        errors=_TAKEN,
    ),
    EndpointSpec(
        "POST",
        "/capsules",
        capsules.load_capsule,
        query=capsules.CapsuleQuery,
        answer=schemas.SandboxSchema,
        status=201,
        file_limit=MAX_CAPSULE_FILE,
        headers=capsules.HEADERS,
        errors={**_TAKEN, **_NO_CAPSULE},
    ),
    EndpointSpec("DELETE", "/sandboxes/{sandbox}", sandboxes.delete_sandbox, status=204, errors=_ONE_STAYS),
)

_OF_SANDBOX = (
    EndpointSpec("GET", "", sandboxes.get_sandbox, answer=schemas.SandboxSchema),
    EndpointSpec("POST", "/reset", sandboxes.reset_sandbox, status=204),
    EndpointSpec(
        "POST",
        "/snapshot",
        sandboxes.make_snapshot,
        body=schemas.SnapshotNameSchema,
        answer=schemas.SnapshotSchema,
        errors=_MANY_SNAPSHOTS,
    ),
    EndpointSpec("POST", "/restore", sandboxes.restore_snapshot, body=schemas.SnapshotSchema, status=204),
    EndpointSpec("GET", "/capsule", capsules.save_capsule, media="application/gzip", errors=_TOO_LARGE),
    EndpointSpec("GET", "/clock", clocks.get_clock, answer=schemas.ClockSchema),
    EndpointSpec("PUT", "/clock", clocks.set_clock, body=schemas.ClockChangeSchema, answer=schemas.ClockSchema),
    EndpointSpec("GET", "/faults", faults.list_faults, answer=faults.FaultListSchema),
    EndpointSpec(
        "POST",
        "/faults",
        faults.add_fault,
        body=Fault,
        answer=faults.ActiveFaultSchema,
        status=201,
        errors=_MANY_FAULTS,
    ),
    EndpointSpec("DELETE", "/faults", faults.clear_faults, status=204),
    EndpointSpec("GET", "/faults/{fault}", faults.get_fault, answer=faults.ActiveFaultSchema),
    EndpointSpec("DELETE", "/faults/{fault}", faults.remove_fault, status=204),
    EndpointSpec("GET", "/scenario", scenarios.get_scenario, answer=ScenarioState),
    EndpointSpec(
        "PUT",
        "/scenario",
        scenarios.start_scenario,
        body=schemas.ScenarioChoiceSchema,
        answer=ScenarioState,
        errors=_NO_SCENARIO,
    ),
    EndpointSpec("DELETE", "/scenario", scenarios.stop_scenario, status=204),
    EndpointSpec(
        "POST",
        "/scenario/signal",
        scenarios.signal_scenario,
        body=schemas.SignalSchema,
        answer=ScenarioState,
        errors=_NOT_AWAITED,
    ),
    EndpointSpec(
        "GET", "/leads", leads.get_leads, query=leads.LeadQuery, answer=leads.LeadListSchema, errors=_NOT_THERE
    ),
    EndpointSpec("POST", "/leads", leads.add_leads, body=Arrival, answer=leads.LeadsSchema, status=201),
    EndpointSpec("GET", "/leads/{lead}", leads.get_lead, answer=LeadSchema),
    EndpointSpec("PATCH", "/leads/{lead}", leads.change_lead, body=LeadPatch, answer=LeadSchema),
    EndpointSpec("DELETE", "/leads/{lead}", leads.remove_lead, status=204, errors=_NOT_THERE),
    EndpointSpec(
        "POST",
        "/leads/{lead}/duplicate",
        leads.duplicate_lead,
        body=schemas.RepeatSchema,
        answer=LeadSchema,
        status=201,
    ),
    EndpointSpec("POST", "/leads/{lead}/erase", leads.erase_lead, answer=leads.LeadsSchema, errors=_NOT_THERE),
    EndpointSpec("POST", "/seekers/{seeker}/erase", leads.erase_seeker, answer=leads.LeadsSchema),
    EndpointSpec("POST", "/agencies/{agency}/revoke", access.revoke_agency, body=schemas.AccessScopeSchema, status=204),
    EndpointSpec("POST", "/agencies/{agency}/grant", access.grant_agency, body=schemas.AccessScopeSchema, status=204),
    EndpointSpec(
        "POST", "/credentials/{provider}/revoke", access.revoke_access, body=schemas.UserScopeSchema, status=204
    ),
    EndpointSpec(
        "POST",
        "/credentials/{provider}/rotate",
        access.rotate_access,
        body=schemas.RotationSchema,
        answer=access.CredentialsSchema,
    ),
    EndpointSpec(
        "POST", "/tokens/{provider}/revoke", access.revoke_issued_tokens, body=schemas.TokenScopeSchema, status=204
    ),
    EndpointSpec(
        "POST", "/keys/{provider}/rotate", access.rotate_keys, answer=access.SigningKeysSchema, errors=_NO_KEYS
    ),
    EndpointSpec("GET", "/webhooks", webhooks.get_webhooks, answer=WebhooksSchema),
    EndpointSpec("POST", "/webhooks/flush", webhooks.flush_webhooks, answer=webhooks.FlushSchema),
    EndpointSpec(
        "GET", "/webhooks/delivery-faults", webhooks.list_delivery_faults, answer=webhooks.DeliveryFaultListSchema
    ),
    EndpointSpec(
        "POST",
        "/webhooks/delivery-faults",
        webhooks.add_delivery_fault,
        body=DeliveryFault,
        answer=webhooks.ActiveDeliveryFaultSchema,
        status=201,
        errors=_MANY_DELIVERY_FAULTS,
    ),
    EndpointSpec("DELETE", "/webhooks/delivery-faults", webhooks.clear_delivery_faults, status=204),
    EndpointSpec(
        "GET",
        "/webhooks/delivery-faults/{delivery_fault}",
        webhooks.get_delivery_fault,
        answer=webhooks.ActiveDeliveryFaultSchema,
    ),
    EndpointSpec("DELETE", "/webhooks/delivery-faults/{delivery_fault}", webhooks.remove_delivery_fault, status=204),
    EndpointSpec("POST", "/cursors/expire", access.expire_given_cursors, status=204, errors=_NOT_THERE),
    EndpointSpec(
        "GET",
        "/journal",
        journal.get_journal,
        query=journal.JournalFilter,
        answer=response_schemas.JournalPageSchema,
        errors=_NO_NAME,
    ),
    EndpointSpec("DELETE", "/journal", journal.clear_journal, status=204),
    EndpointSpec(
        "GET",
        "/journal.har",
        journal.get_har,
        query=journal.JournalFilter,
        answer=response_schemas.RawDocumentSchema,
        errors=_NO_NAME,
    ),
    EndpointSpec(
        "GET",
        "/journal/events",
        events.follow_journal,
        query=journal.JournalQuery,
        media="text/event-stream",
        errors={**_NO_NAME, **_MANY_STREAMS},
    ),
    EndpointSpec("POST", "/verify", journal.verify_calls, body=Expectation, answer=response_schemas.VerdictSchema),
    EndpointSpec("GET", "/coverage", journal.get_coverage, answer=response_schemas.CoverageSchema),
)

ENDPOINTS = (*_OF_SERVER, *(replace(endpoint, of_sandbox=True) for endpoint in _OF_SANDBOX))
