"""A Kubernetes API on loopback that runs the first container of a pod as a process of this machine."""

import json
import os
import re
import signal
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlparse

import yaml

_POD = re.compile(r"/api/v1/namespaces/(?P<namespace>[^/]+)/pods(/(?P<name>[^/]+)/log)?")


class PodServer:
    """Creates, lists, logs and deletes pods; `pods` holds what is left, by name."""

    def __init__(self) -> None:
        self.pods, self.processes, self.logs, self.deleted = {}, {}, {}, []
        handler = type("Handler", (_Handler,), {"pods": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.kill()
        self._server.shutdown()
        self._server.server_close()

    def write_config(self, path):
        """Write the client configuration that leads here."""
        named = {"cluster": "here", "user": "nobody"}
        config = {
            "clusters": [{"name": "here", "cluster": {"server": self.address}}],
            "users": [{"name": "nobody", "user": {}}],
            "contexts": [{"name": "here", "context": named}],
            "current-context": "here",
        }
        path.write_text(yaml.safe_dump(config))

    def create(self, pod, log):
        """Start the first container."""
        container, name = pod["spec"]["containers"][0], pod["metadata"]["name"]
        environment = {**os.environ, **{each["name"]: each["value"] for each in container["env"]}}
        with log.open("wb") as output:
            self.processes[name] = subprocess.Popen(
                container["command"], env=environment, stdout=output, stderr=output, start_new_session=True
            )
        self.pods[name], self.logs[name] = pod, log

    def shown(self, name):
        """A pod with its status."""
        status, process = {"name": "job", "ready": True, "restartCount": 0}, self.processes[name]
        status |= {"image": "image", "imageID": "image"}
        ended = process.poll()
        state = {"running": {}} if ended is None else {"terminated": {"exitCode": ended, "reason": "Error"}}
        return {**self.pods[name], "status": {"containerStatuses": [{**status, "state": state}]}}

    def delete(self, name):
        """Delete a pod, and end its container."""
        if self.processes[name].poll() is None:
            os.killpg(self.processes[name].pid, signal.SIGTERM)
        self.deleted.append(self.pods.pop(name))

    def selected(self, query):
        """Names of the pods that a query asks for."""
        name = parse_qs(query).get("fieldSelector", ["="])[0].partition("=")[2]
        label, _, value = parse_qs(query).get("labelSelector", ["="])[0].partition("=")
        return [
            each
            for each, pod in self.pods.items()
            if (not name or each == name) and (not label or pod["metadata"]["labels"].get(label) == value)
        ]


class _Handler(BaseHTTPRequestHandler):
    pods: PodServer

    def do_POST(self):
        pod = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        claim = pod["spec"]["containers"][0]["volumeMounts"][1]["mountPath"]
        self.pods.create(pod, Path(claim) / "pod.log")
        self._answer(pod)

    def do_GET(self):
        url = urlparse(self.path)
        if name := _POD.fullmatch(url.path)["name"]:
            lines = self.pods.logs[name].read_text().splitlines()
            self._send("\n".join(lines[-int(parse_qs(url.query).get("tailLines", ["100"])[0]) :]).encode())
        else:
            found = [self.pods.shown(each) for each in self.pods.selected(url.query)]
            self._answer({"kind": "PodList", "apiVersion": "v1", "items": found})

    def do_DELETE(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        for name in self.pods.selected(urlparse(self.path).query):
            self.pods.delete(name)
        self._answer({"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _answer(self, document):
        self._send(json.dumps(document).encode())

    def _send(self, content):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass
