"""Logging to standard error, as text or as JSON lines."""

import json
import logging
import sys
from typing import Literal

from mockserver.foundation.clock import iso


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


def configure(log_format: Literal["text", "json"]) -> None:
    """Sends all logs to standard error, those of libraries only from the level of warnings."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonFormatter() if log_format == "json" else text)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("mockserver").setLevel(logging.INFO)
