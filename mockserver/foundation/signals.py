"""The signals that ask a process to end."""

import signal


def ending_signals() -> tuple[signal.Signals, ...]:
    """Returns these signals. SIGHUP is one of them unless it is ignored, as with nohup; Windows has none."""
    hangup: signal.Signals | None = getattr(signal, "SIGHUP", None)
    at_hangup = () if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN else (hangup,)
    return signal.SIGINT, signal.SIGTERM, *at_hangup
