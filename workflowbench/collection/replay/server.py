"""A web server on loopback that answers from a script, with real sockets and real faults."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handler = BaseHTTPRequestHandler


@dataclass
class Reply:
    """One scripted answer; `declared` overrides the true Content-Length."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None

    def send(self, handler: Handler) -> None:
        """Write the answer."""
        handler.send_response_only(self.status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **self.headers}.items():
            handler.send_header(name, value)
        if self.status != 304:
            length = len(self.body) if self.declared is None else self.declared
            handler.send_header("Content-Length", str(length))
        handler.send_header("Connection", "close")
        handler.end_headers()
        if self.status != 304:
            handler.wfile.write(self.body)


Script = Reply | Callable[[Handler], None] | list[Reply]


class Replay:
    """The server: `routes` by path with query; a list is played once per request, its last entry for ever.

    Attributes:
        routes: What to answer, by path with query.
        otherwise: Answers a path without route; None is a 404.
        asked: Every path that was asked for.
        headers: The headers of every request, names in lower case.
        port: Port on 127.0.0.1.

    """

    def __init__(self) -> None:
        self.routes: dict[str, Script] = {}
        self.otherwise: Callable[[Handler], Reply | None] = lambda _: None
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        replay = self

        class _Handler(Handler):
            def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
                replay.asked.append(self.path)
                replay.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.close_connection = True
                replay.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def answer(self, handler: Handler) -> None:
        """Answer one request."""
        script = self.routes.get(handler.path) or self.otherwise(handler) or Reply(b"nothing here", 404)
        if isinstance(script, list):
            script = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(script, Reply):
            script.send(handler)
        else:
            script(handler)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def pages_asked(self) -> list[str]:
        """What was asked for but robots.txt."""
        return [path for path in self.asked if path != "/robots.txt"]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
