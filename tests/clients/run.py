#!/usr/bin/env python3
"""Runs two public clients of the Cloud API against `ventanilla sandbox`: pywa and @kapso/whatsapp-cloud-api.

    python3 tests/clients/run.py target/debug/ventanilla

The first call of a client that fails makes it end with 1. What requirements.txt and package.json name is installed below
target/ once; where a registry does not answer, its client is skipped, and says so.
"""
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "documents"))
sys.dont_write_bytecode = True

import tools

# In seconds, for each client, without its installation.
TIME_LIMIT = 25
NUMBER, ACCOUNT, TOKEN, CUSTOMER = "100000000000001", "200000000000001", "sandbox-token", "50212345678"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fill_python(folder, files):
    tools.run(sys.executable, "-m", "venv", folder)
    tools.run(folder / "bin" / "pip", "install", "--quiet", "--retries", "2", "--timeout", "30", "--no-deps",
              "--requirement", files[0])


def fill_node(folder, files):
    (folder / "package.json").write_bytes(files[0].read_bytes())
    tools.run("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund",
              "--fetch-retries=1", "--fetch-retry-mintimeout=1000", cwd=folder)


def pywa():
    folder = tools.installed("pywa", [HERE / "requirements.txt"], sys.version, fill_python)
    return [folder / "bin" / "python", HERE / "pywa_client.py"]


def kapso():
    folder = tools.installed("kapso", [HERE / "package.json"], tools.run("node", "--version"), fill_node)
    return ["node", HERE / "kapso_client.mjs", folder]


@contextlib.contextmanager
def sandbox(binary):
    """A sandbox on a free port, until the block ends; gives its address."""
    command = [pathlib.Path(binary).resolve(), "sandbox", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
    finally:
        process.terminate()
        process.wait(30)


def customer_writes(base):
    """A customer's message, which opens the service window; gives its id."""
    body = json.dumps({"text": "Hola", "id": "wamid.clients", "webhook": False}).encode()
    with DIRECT.open(urllib.request.Request(f"{base}/sandbox/phones/+{CUSTOMER}/messages", body), timeout=10):
        return "wamid.clients"


def run_client(name, install, base, message):
    """Gives whether the client ran without a failure, or was skipped."""
    began = time.monotonic()
    try:
        command = [*install(), f"{base}/sandbox/graph", TOKEN, NUMBER, ACCOUNT, CUSTOMER, message]
    except tools.RegistryDown as down:
        print(f"-- {name}: SKIPPED HERE: {down}", flush=True)
        return True
    except tools.Failed as failed:
        print(f"{failed}\n-- {name}: FAILED", flush=True)
        return False
    try:
        code = subprocess.run([str(part) for part in command], timeout=TIME_LIMIT, check=False).returncode
    except subprocess.TimeoutExpired:
        print(f"{name} took longer than {TIME_LIMIT} s")
        code = 1
    print(f"-- {name}: {'FAILED' if code else 'ok'} ({time.monotonic() - began:.1f}s)", flush=True)
    return code == 0


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with sandbox(sys.argv[1]) as base:
        message = customer_writes(base)
        ran = [run_client(name, install, base, message) for name, install in (("pywa", pywa), ("kapso", kapso))]
    sys.exit(0 if all(ran) else 1)


if __name__ == "__main__":
    main()
