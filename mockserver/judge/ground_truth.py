"""The leads that a provider really has for its client: the judge looks at the world itself, not at answers."""

from collections.abc import Collection

from mockserver.domain import Enquiry, Kind, Person
from mockserver.judge.evidence import LeadSnapshot
from mockserver.judge.lead_views import ReadView
from mockserver.provider_api.judge_adapter import JudgeAdapter
from mockserver.provider_api.retention import is_unexpired
from mockserver.sandbox.sandbox import Sandbox


class GroundTruth:
    """Looks into a sandbox as one provider shows it. To be called where calls are answered."""

    def __init__(
        self, sandbox: Sandbox, adapter: JudgeAdapter, read_view: ReadView, lists: Collection[str] = ()
    ) -> None:
        """`lists` are those in which the leads of the client's agency lie."""
        self._sandbox = sandbox
        self._lists = lists
        self._adapter = adapter
        self._read_view = read_view
        self._snapshots: dict[int, tuple[Enquiry, Person, LeadSnapshot]] = {}
        """The last one of each enquiry, good for as long as nothing of it changed."""

    def snapshot(self, feeds: Collection[str]) -> dict[str, LeadSnapshot]:
        """Returns every lead that may still be kept by the provider's id, with those of the lists that show it."""
        with self._sandbox.transaction():
            visible = [enquiry for enquiry in self.enquiries() if self._adapter.shows(enquiry, self._sandbox)]
            leads = [self._lead(enquiry, feeds) for enquiry in visible]
        return {lead.id: lead for lead in leads}

    def enquiries(self) -> list[Enquiry]:
        """Returns every lead that may still be kept, whoever it is for."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        ids = [id for agency in self._sandbox.world.agencies for id in store.ids(Kind.ENQUIRY, agency)]
        return [enquiry for id in ids if is_unexpired(enquiry := store.get(Kind.ENQUIRY, id), now)]

    def _lead(self, enquiry: Enquiry, feeds: Collection[str]) -> LeadSnapshot:
        person = self._sandbox.store.get(Kind.PERSON, enquiry.seeker)
        assert isinstance(person, Person)
        listed_in, lists = (
            frozenset(feed for feed in names if self._adapter.is_listed(enquiry, feed, self._sandbox))
            for names in (feeds, self._lists)
        )
        former = self._snapshots.get(enquiry.id)
        is_same = former is not None and former[0] is enquiry and former[1] is person
        if former is not None and is_same and (former[2].feeds, former[2].lists) == (listed_in, lists):
            return former[2]
        item = self._read_view(enquiry)
        lead = LeadSnapshot(
            item.id,
            enquiry.id,
            enquiry.created_at,
            enquiry.updated_at,
            enquiry.agency,
            item.contact,
            person.erased,
            item.parent,
            listed_in,
            enquiry.category,
            item.raw,
            lists,
            enquiry.parent,
        )
        self._snapshots[enquiry.id] = (enquiry, person, lead)
        return lead
