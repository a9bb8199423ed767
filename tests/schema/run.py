"""Holds a local server against openapi.yaml: no fault of ours, no answer that the contract does not describe.

Part of tests/documents/check.py, which installs Schemathesis and starts the server (`just schema`).
"""
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The key of the built-in demo: it opens nothing but a server on this machine.
KEY = "vk_ZGVtby1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE"
CUSTOMERS = ["+50212345678", "+50223456789", "US.13491208655302741918"]
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(base, method, path, body=None):
    body = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, body, {"Authorization": f"Bearer {KEY}"}, method=method)
    with DIRECT.open(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def wait_for(base, server):
    """Until the server answers, or it is clear that it never will."""
    until = time.monotonic() + 60
    while True:
        try:
            return call(base, "GET", "/v1/conversations")
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)


def furnish(base):
    """Something of everything, so that lists are not empty. Gives what is there for the ids of openapi.yaml's examples."""
    for customer in CUSTOMERS:
        call(base, "POST", f"/sandbox/phones/{customer}/messages", {"text": "Hola"})
    conversation = call(base, "GET", "/v1/conversations")["data"][0]
    number = conversation["id"].removeprefix("conv_")
    path = f"conversations/{number}/messages"
    call(base, "POST", f"/api/whatsapp/{path}", {"content": "Sí"})
    newest, oldest = call(base, "GET", f"/v1/{path}")["data"]
    call(base, "PUT", "/v1/suppressions/+50298765432")
    call(base, "POST", "/v1/webhooks/leads", {"id": "crm-7", "name": "Ana", "phone": CUSTOMERS[0]})
    file = call(base, "POST", "/v1/media", {"mime_type": "image/png", "size": 4, "file_name": "a.png"})
    put = urllib.request.Request(file["upload_url"], b"\x89PNG", file["headers"], method="PUT")
    DIRECT.open(put, timeout=30).close()
    job = call(base, "POST", "/api/whatsapp/send-template", {
        "templateName": "hello_world", "languageCode": "en_US",
        "recipients": [{"phoneNumber": f"+5023100{n:04}"} for n in range(120)],
    })
    return {
        244015432889264: number, 244015433422308: number,
        244015433431206: conversation["contact"]["id"].removeprefix("contact_"), 244015588021232: newest["id"].removeprefix("msg_"), 244015586335391: newest["id"].removeprefix("msg_"),
        244015433448729: oldest["id"].removeprefix("msg_"), 244015433452101: file["id"].removeprefix("media_"), 244015590113408: job["summary"]["jobId"],
    }


@contextlib.contextmanager
def serving(binary):
    """A local server in memory, until the block ends; gives its address. Its errors are printed then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w+b") as log:
        server = subprocess.Popen([pathlib.Path(binary).resolve(), "serve", "--memory", "--port", str(port)],
                                  cwd=folder, stdout=log, stderr=log)
        try:
            wait_for(base, server)
            yield base
            if server.poll() is not None:
                sys.exit("the server ended by itself")
        finally:
            server.terminate()
            server.wait(30)
            log.seek(0)
            for line in log:
                if b" ERROR " in line and b"unprocessable" not in line:
                    sys.stderr.buffer.write(line)


def hold(base, there, python, arguments):
    """Holds a furnished server against openapi.yaml; gives how Schemathesis, which is beside `python`, ended."""
    contract = (ROOT / "openapi.yaml").read_text()
    for example, id_there in there.items():
        contract = contract.replace(str(example), str(id_there))
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "openapi.yaml").write_text(contract)
        schemathesis = [python, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml",
                        "run", "openapi.yaml", "--url", base, *arguments]
        environment = {**os.environ, "VENTANILLA_KEY": KEY, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(schemathesis, cwd=folder, env=environment, check=False).returncode
