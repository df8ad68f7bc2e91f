"""Recipes for households and their means, in whole euro a month, of which a year is exactly twelve."""

from math import ceil

from mockserver.domain import Employment, Finances, Household, MaritalStatus, Money, Person, Search, Transaction
from mockserver.foundation.patterns import late_pattern
from mockserver.world.names import JOBS_OF_TITLES
from mockserver.world.people import LAST_WORKERS_BORN
from mockserver.world.rng import KeyedRandom, Weights

WORK: Weights[Employment] = Weights(
    {Employment.EMPLOYEE: 68, Employment.CIVIL_SERVANT: 18, Employment.SELF_EMPLOYED: 14}
)
RETIRED: Weights[Employment] = Weights({**WORK, Employment.RETIRED: 12})
LAST_PARENTS_BORN = 1968
"""The children of people who were born earlier have left home."""
PAIRS = (MaritalStatus.MARRIED, MaritalStatus.CIVIL_UNION, MaritalStatus.COHABITING)
STATUSES: Weights[MaritalStatus] = Weights(
    {
        MaritalStatus.MARRIED: 38,
        MaritalStatus.CIVIL_UNION: 17,
        MaritalStatus.COHABITING: 13,
        MaritalStatus.SINGLE: 22,
        MaritalStatus.DIVORCED: 8,
        MaritalStatus.WIDOWED: 2,
    }
)
CHILDREN: Weights[int] = Weights({0: 42, 1: 24, 2: 24, 3: 8, 4: 2})
RATES: tuple[tuple[int, int], ...] = ((1_800, 0), (3_000, 3), (5_000, 8), (8_000, 13))
"""Per cent of gross that goes to income tax below a monthly gross; above them all `TOP_RATE`."""
TOP_RATE = 20
NET_OF_GROSS = 78
"""Per cent that is left after social contributions."""
UNMARRIED = 3
"""The title of somebody who was never married: Mademoiselle."""
_PLURAL = late_pattern(r"\b[Nn]ous |\b[Ff]amille\b")
LEAST = 1_300
"""Net, for each adult."""


def draw_household(rng: KeyedRandom, seeker: Person, message: str, rooms: int | None, *, boss: bool) -> Household:
    """Old enough to be retired means retired; the elderly and those who seek a few rooms have no children at home."""
    drawn_work = _employment(rng, seeker)
    employment = Employment.SELF_EMPLOYED if boss else drawn_work
    status, drawn = rng.weighted(STATUSES), rng.weighted(CHILDREN)
    mentioned = 2 if "deux enfants" in message else drawn
    elderly = employment is Employment.RETIRED or int((seeker.birth_date or "1990")[:4]) < LAST_PARENTS_BORN
    most = 0 if elderly or "retraite" in message else max(rooms - 1, 0) if rooms else drawn
    children = mentioned if mentioned != drawn else min(drawn, most)
    if seeker.title == UNMARRIED:
        status = MaritalStatus.SINGLE
    elif status not in PAIRS and not children and _PLURAL.search(message):
        status = MaritalStatus.MARRIED
    elif status is MaritalStatus.WIDOWED and int((seeker.birth_date or "1950")[:4]) > LAST_WORKERS_BORN:
        status = MaritalStatus.DIVORCED
    return Household(
        employment=employment, marital_status=status, children=children, size=1 + (status in PAIRS) + children
    )


def draw_finances(rng: KeyedRandom, household: Household, search: Search) -> Finances:
    """Means that could bear what is searched for: a third of the net for a rent, a hundred times it for a price."""
    net = max(_affordable(rng, search), LEAST * (1 + (household.marital_status in PAIRS)))
    share = rng.between(50, 90) if household.marital_status in PAIRS else 100
    salary = _round_up(net * share / NET_OF_GROSS, 50)
    partner = _round_up(net * (100 - share) / NET_OF_GROSS, 50)
    boss = household.employment is Employment.SELF_EMPLOYED
    company = salary * rng.between(2, 5) if boss else 0
    net_own = _net(salary)
    return Finances(
        gross=Money(own=salary, household=salary + partner, corporate=company),
        net=Money(own=net_own, household=net_own + _net(partner), corporate=_net(company)),
        taxable=Money(
            own=_taxable(salary), household=_taxable(salary) + _taxable(partner), corporate=_taxable(company)
        ),
        taxes=Money(own=_tax(salary), household=_tax(salary) + _tax(partner), corporate=_tax(company)),
        passive=_passive(rng, partner=partner > 0, boss=boss),
        savings=_round_up(net_own * rng.between(5, 40) / 100, 50),
    )


def _employment(rng: KeyedRandom, seeker: Person) -> Employment:
    """Draws the employment; who names a job works for somebody, doctors and lawyers for themselves."""
    unknown, worker = rng.weighted(RETIRED), rng.weighted(WORK)
    if seeker.birth_date and int(seeker.birth_date[:4]) < LAST_WORKERS_BORN:
        return Employment.RETIRED
    if seeker.title in JOBS_OF_TITLES:
        return Employment.SELF_EMPLOYED
    return Employment.EMPLOYEE if seeker.job else worker if seeker.birth_date else unknown


def _affordable(rng: KeyedRandom, search: Search) -> int:
    """The net of a household that could pay the highest price it names."""
    luck = rng.between(26, 40)
    if not search.price_max:
        return 100 * luck
    rent = search.transaction is Transaction.RENT
    return int(search.price_max) * luck // (10 if rent else 3_000)


def _net(gross: int) -> int:
    return _round_up(gross * NET_OF_GROSS / 100, 10)


def _taxable(gross: int) -> int:
    return _round_up(_net(gross) * 0.9, 10)


def _tax(gross: int) -> int:
    return _round_up(gross * next((rate for below, rate in RATES if gross < below), TOP_RATE) / 100, 10)


def _round_up(amount: float, step: int) -> int:
    return ceil(amount / step) * step


def _passive(rng: KeyedRandom, *, partner: bool, boss: bool) -> Money:
    """Rents and interest; most have none."""
    seeker = rng.between(1, 12) * 100 if rng.chance(0.25) else 0
    other = rng.between(1, 6) * 100 if partner and rng.chance(0.1) else 0
    return Money(
        own=seeker, household=seeker + other, corporate=rng.between(1, 9) * 100 if boss and rng.chance(0.3) else 0
    )
