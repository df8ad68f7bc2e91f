"""uvicorn's HTTP protocol, with our own words for what is not HTTP at all."""

import json

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HttpProtocol(HttpToolsProtocol):
    """Answers bytes that are no HTTP request with a problem detail: no provider can be told from them."""

    def send_400_response(self, msg: str) -> None:
        """One answer, then the connection ends: what follows cannot be told apart."""
        detail = "This is not an HTTP/1.1 request that can be read."
        body = json.dumps({"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail}).encode()
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
        self.transport.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        self.transport.close()
