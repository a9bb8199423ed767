#!/usr/bin/env python3
"""Holds openapi.yaml and asyncapi.yaml to what their readers need.

linters    both documents by two linters, and every example by its schema
controls   documents that are broken on purpose fail each of these checks
clients    what generators make of openapi.yaml, type-checked, and run against a local server
documents  these three
answers    requests made up from openapi.yaml, and every answer of a local server held against it
all        all of it, with one server

The server runs in memory on a free port of 127.0.0.1. What the locks beside this script name is installed below target/ once;
where a registry does not answer, what needs it is skipped, and says so.
"""
import argparse
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
sys.dont_write_bytecode = True

import clients
import controls
import linters
import tools
from schema import run as schema

OPENAPI, ASYNCAPI = tools.ROOT / "openapi.yaml", tools.ROOT / "asyncapi.yaml"
PARTS = {
    "linters": {"linters"}, "controls": {"controls"}, "clients": {"clients"}, "answers": {"answers"},
    "documents": {"linters", "controls", "clients"}, "all": {"linters", "controls", "clients", "answers"},
}


class Report:
    """How each check ended, as it ends."""

    def __init__(self):
        self.failed = []

    def check(self, name, action, *arguments):
        """Gives what the check gave; None where it failed or was skipped."""
        began = time.monotonic()
        outcome, value = "ok", None
        try:
            value = action(*arguments)
        except tools.RegistryDown as down:
            outcome = f"SKIPPED HERE: {down}"
        except tools.Failed as failed:
            print(failed, flush=True)
            self.failed.append(name)
            outcome = "FAILED"
        print(f"-- {name}: {outcome} ({time.monotonic() - began:.1f}s)", flush=True)
        return value


def install(report):
    report.check("npm lock", tools.node)
    report.check("pip lock", tools.python)


def lint(report):
    report.check("redocly", linters.redocly, OPENAPI)
    report.check("spectral", linters.spectral, OPENAPI, ASYNCAPI)
    report.check("examples", linters.examples, OPENAPI)


def run_clients(report, base):
    for name, generate in (("TypeScript client", clients.typescript), ("Python client", clients.python)):
        command = report.check(f"{name}, types", generate, OPENAPI)
        if command:
            schema.call(base, "POST", f"/sandbox/phones/{schema.CUSTOMERS[0]}/messages", {"text": "¿Están abiertos?"})
            print(report.check(f"{name}, run", tools.run, *command, base, schema.KEY) or "", end="", flush=True)


def hold_answers(report, base, there, arguments):
    def hold():
        if schema.hold(base, there, tools.python() / "python", arguments) != 0:
            raise tools.Failed("the server and openapi.yaml disagree")
    report.check("answers", hold)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=PARTS)
    parser.add_argument("server", nargs="?", help="the built `ventanilla`; not for linters and controls")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of schemathesis run")
    asked = parser.parse_args()
    parts = PARTS[asked.what]
    if parts & {"clients", "answers"} and not asked.server:
        parser.error("which server?")
    report = Report()
    install(report)
    if "linters" in parts:
        lint(report)
    if "controls" in parts:
        report.check("controls", controls.check)
    if parts & {"clients", "answers"}:
        with_server(report, asked, parts)
    if report.failed:
        sys.exit(f"failed: {', '.join(report.failed)}")


def with_server(report, asked, parts):
    """What needs a server shares one; it has a little of everything in it."""
    with schema.serving(asked.server) as base:
        there = schema.furnish(base)
        if "clients" in parts:
            run_clients(report, base)
        if "answers" in parts:
            hold_answers(report, base, there, asked.arguments)


if __name__ == "__main__":
    main()
