"""Logging to standard error, as text or as JSON lines."""

import json
import logging
import sys
from pathlib import Path
from typing import Literal

from mockserver.foundation.clock import iso

_MAX_ERROR = 500
"""Characters of an error in a line of the log."""


class JsonFormatter(logging.Formatter):
    """Writes a record as a JSON object with `at level logger message`, and `error` with the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the record as a line of JSON."""
        line = {
            "at": iso(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def log_failure(log: logging.Logger, message: str, *args: object) -> None:
    """Logs that something failed, with the exception that is being handled in the same line.

    The traceback is for the level of debugging: whoever can make us fail must not fill the log.
    """
    error = sys.exc_info()[1]
    place = f" at {_place(error)}" if error is not None else ""
    log.error(f"{message}: %s%s", *args, " ".join(repr(error).split())[:_MAX_ERROR], place)
    log.debug("the traceback", exc_info=True)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "an unknown place" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def configure(log_format: Literal["text", "json"], log_level: Literal["info", "debug"] = "info") -> None:
    """Sends all logs to standard error, those of libraries only from the level of warnings."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mockserver").setLevel(log_level.upper())
