"""Tests of that program as its author writes them, with the fixtures of the plugin."""

import pytest
from my_sync import run_my_gsl_sync, run_my_sync  # type: ignore[import-not-found]

from mockserver.client import ProviderHandle
from mockserver.pytest_plugin.providers import Providers

pytestmark = pytest.mark.mockserver(world="small", now="2026-01-01T00:00:00Z", strict=True)


def test_every_lead_is_fetched_once(mock_apimo: ProviderHandle) -> None:
    mock_apimo.leads.arrive(count=3, agency=101)
    assert len(run_my_sync(mock_apimo.url, mock_apimo.credentials)) == 28
    assert mock_apimo.journal.count(operation="listLeads") == 3
    assert not mock_apimo.journal.violations


def test_a_server_that_is_down_for_a_moment_is_asked_again(mock_apimo: ProviderHandle) -> None:
    mock_apimo.faults.next(status=503, operation="listLeads")
    run_my_sync(mock_apimo.url, mock_apimo.credentials)
    assert mock_apimo.verify(operation="listLeads", status=503, count=1)


def test_an_agency_that_is_closed_to_us_is_an_error(mock_apimo: ProviderHandle) -> None:
    mock_apimo.access.revoke_agency(101)
    with pytest.raises(Exception, match="403"):
        run_my_sync(mock_apimo.url, mock_apimo.credentials)


def test_another_token_is_fetched_when_one_dies(mock_gsl: ProviderHandle) -> None:
    mock_gsl.faults.next(status=401, operation="searchLeads", after=1)
    gsl = mock_gsl.credentials
    leads = run_my_gsl_sync(mock_gsl.url, mock_gsl.token_url, gsl.client_id, gsl.client_secret, gsl.scope)
    assert leads
    assert mock_gsl.verify(operation="issueToken", count=2), mock_gsl.journal.entries()


def test_a_lead_is_one_lead_at_both_providers(mock_providers: Providers) -> None:
    apimo, gsl = mock_providers["apimo"], mock_providers["gsl"]
    (lead,) = apimo.leads.arrive(agency=101, category="CLASSIFIED", message="Deux fois")
    assert run_my_sync(apimo.url, apimo.credentials)[int(lead.ids["apimo"])]
    known = gsl.credentials
    found = run_my_gsl_sync(gsl.url, gsl.token_url, known.client_id, known.client_secret, known.scope)
    assert lead.ids["gsl"] in [item["leadMetaInfos"]["leadId"] for item in found]
