#!/usr/bin/env python3
"""A registry of one OCI layout: registry.py LAYOUT LOG [FAIL]. Prints its port; every request for a blob is a line of LOG.

FAIL is a digest whose blob is never answered whole, as when a connection breaks."""
import http.server
import json
import pathlib
import sys

layout, log = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
fail = sys.argv[3] if len(sys.argv) > 3 else ""


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, kind="application/json", cut=False):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def do_GET(self):
        word, what = self.path.rsplit("/", 2)[-2:] if self.path != "/v2/" else ("", "")
        if self.path == "/v2/":
            return self.answer(b"{}")
        if word == "manifests":
            entry = json.loads((layout / "index.json").read_text())["manifests"][0]
            digest = what if what.startswith("sha256:") else entry["digest"]
            body = (layout / "blobs/sha256" / digest[7:]).read_bytes()
            return self.answer(body, json.loads(body).get("mediaType", entry["mediaType"]))
        with log.open("a") as lines:
            lines.write(what + "\n")
        return self.answer((layout / "blobs/sha256" / what[7:]).read_bytes(), "application/octet-stream", what == fail)

    do_HEAD = do_GET


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
print(server.server_address[1], flush=True)
server.serve_forever()
