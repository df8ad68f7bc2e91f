"""Judges whether a client takes token answers of every form, and the keys of tokens when they are replaced."""

from mockserver.judge.calls import JudgedCall
from mockserver.judge.crashes import crashed
from mockserver.judge.evidence import Evidence, Run
from mockserver.judge.obligations.outcome import crash_findings
from mockserver.judge.obligations.queries import is_token, named
from mockserver.judge.rulings import Finding, Judge, Judges, Ruling, rule
from mockserver.judge.token_answers import ALLOWED_FORM, LIFE_AS_TEXT, form_to_take
from mockserver.judge.token_use import FETCHES_KEYS, is_unused, stuck_at_key, tokens_of_unknown_keys

_FORMS = {ALLOWED_FORM: "a form that RFC 6749 allows", LIFE_AS_TEXT: "`expires_in` as text"}


def _takes(obligation: str) -> Judge:
    """Makes the judge of whether a client takes the token answers that an obligation is about."""

    def judge(evidence: Evidence) -> Ruling:
        findings = crash_findings(evidence, obligation, f"and its token answer had {_FORMS[obligation]}")
        crashed_runs = {run.number for run, _ in crashed(evidence)}
        reached = False
        for run in evidence.runs:
            tokens = [call for call in run.calls if is_token(evidence, call) and form_to_take(call.entry) == obligation]
            reached |= bool(tokens)
            if tokens and run.number not in crashed_runs and is_unused(run, tokens[-1]):
                findings.append(_unused(run, tokens[-1], _FORMS[obligation]))
        return rule(findings, reached=reached)

    return judge


def _unused(run: Run, token: JudgedCall, form: str) -> Finding:
    text = f"run {run.number} made no call with the token of {named(token)}, an answer with {form}"
    return Finding(text, (token.entry.id,))


def _fetches_new_keys(evidence: Evidence) -> Ruling:
    findings = []
    for run in evidence.runs:
        if (token := stuck_at_key(evidence, run)) is not None:
            text = (
                f"{named(token)} of run {run.number} gave a token that another key signs than those that the client "
                "had fetched; it did not fetch the keys again, and made no call with that token"
            )
            findings.append(Finding(text, (token.entry.id,)))
    return rule(findings, reached=bool(tokens_of_unknown_keys(evidence)))


JUDGES: Judges = {
    ALLOWED_FORM: _takes(ALLOWED_FORM),
    LIFE_AS_TEXT: _takes(LIFE_AS_TEXT),
    FETCHES_KEYS: _fetches_new_keys,
}
