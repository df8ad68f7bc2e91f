"""Tokens through any run of issuing, waiting, revoking and rotating: a model says which are good."""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mockserver.provider_api.auth.keys import KeyRing
from mockserver.provider_api.auth.oauth2 import TokenIssuer
from mockserver.provider_api.auth.oauth_errors import TokenRefused
from mockserver.sandbox.accounts import Account
from tests.conftest import NOW

CLIENTS = [Account(user, "s", frozenset(), frozenset({"a", "b"})) for user in ("one", "two")]
SANDBOXES = ("default", "other")
LIFETIME = 100


@dataclass
class Issued:
    """What the model knows of a token."""

    token: str
    sandbox: str
    client: str
    scopes: frozenset[str]
    expires: int
    kid: str
    revoked: bool = False


class Tokens(RuleBasedStateMachine):
    """Two sandboxes share a ring of keys, as they may, and one clock that goes either way."""

    issued = Bundle("issued")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.keys = KeyRing.from_file(None)
        self.kept: dict[str, int] = {}
        self.token_issuers = {name: TokenIssuer("gsl", name, self.keys, LIFETIME) for name in SANDBOXES}
        self.all: list[Issued] = []

    @rule(
        target=issued,
        sandbox=st.sampled_from(SANDBOXES),
        account=st.sampled_from(CLIENTS),
        scopes=st.frozensets(st.sampled_from(["a", "b"])),
    )
    def issue(self, sandbox: str, account: Account, scopes: frozenset[str]) -> Issued:
        token = self.token_issuers[sandbox].issue(account, scopes, None, "http://h/gsl/", self.now).access_token
        kid = self.keys.current.kid
        made = Issued(token, sandbox, account.user, scopes, self.now + LIFETIME, kid)
        assert made.token not in [one.token for one in self.all]
        self.all.append(made)
        return made

    @rule(seconds=st.sampled_from([1, 30, LIFETIME - 1, LIFETIME, 3 * LIFETIME]))
    def advance(self, seconds: int) -> None:
        self.now += seconds

    @rule(seconds=st.integers(1, 2 * LIFETIME))
    def set_back(self, seconds: int) -> None:
        self.now -= seconds

    @rule(one=issued)
    def stop_just_before_it_expires(self, one: Issued) -> None:
        self.now = one.expires - 1

    @rule(one=issued)
    def stop_as_it_expires(self, one: Issued) -> None:
        self.now = one.expires

    @rule(one=issued)
    def revoke_token(self, one: Issued) -> None:
        self.token_issuers[one.sandbox].revoke(one.token)
        one.revoked = True

    @rule(one=issued)
    def revoke_in_the_other_sandbox(self, one: Issued) -> None:
        other = next(name for name in SANDBOXES if name != one.sandbox)
        self.token_issuers[other].revoke(one.token)

    @rule(sandbox=st.sampled_from(SANDBOXES), account=st.sampled_from(CLIENTS))
    def revoke_client(self, sandbox: str, account: Account) -> None:
        self.token_issuers[sandbox].revoke_client(account.user)
        for one in self.all:
            if (one.sandbox, one.client) == (sandbox, account.user):
                one.revoked = True

    @rule(sandbox=st.sampled_from(SANDBOXES))
    def rotate(self, sandbox: str) -> None:
        old = self.keys.current.kid
        kids = self.token_issuers[sandbox].rotate_key(self.now)
        assert kids[0] == self.keys.current.kid not in self.kept
        self.kept[old] = self.now + LIFETIME

    @rule(one=issued, place=st.integers(0, 800))
    def a_changed_token_is_refused(self, one: Issued, place: int) -> None:
        place %= len(one.token)
        changed = one.token[:place] + ("A" if one.token[place] != "A" else "B") + one.token[place + 1 :]
        assert not self.accepted(one.sandbox, changed)

    @invariant()
    def exactly_the_good_tokens_are_accepted(self) -> None:
        for one in self.all:
            good = self.now < one.expires and not one.revoked
            for sandbox in SANDBOXES:
                assert self.accepted(sandbox, one.token) == (good and sandbox == one.sandbox), one

    @invariant()
    def the_jwk_set_holds_every_key_that_is_needed_and_no_other(self) -> None:
        published = {key["kid"] for key in self.keys.jwks(self.now)["keys"]}
        live = {one.kid for one in self.all if self.now < one.expires}
        recent = {kid for kid, until in self.kept.items() if self.now < until}
        assert live | recent | {self.keys.current.kid} <= published
        last = max((one.expires for one in self.all), default=0)
        if self.now >= max(last, *self.kept.values(), 0):
            assert published == {self.keys.current.kid}

    def accepted(self, sandbox: str, token: str) -> bool:
        """Whether the sandbox takes the token; what it says must be what was issued."""
        try:
            claims = self.token_issuers[sandbox].verify(token, self.now)
        except TokenRefused:
            return False
        one = next(one for one in self.all if one.token == token)
        assert (claims.client, claims.scopes, claims.expires) == (one.client, one.scopes, one.expires)
        return True


TestTokens = Tokens.TestCase
TestTokens.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
