"""The linters, with the rules of redocly.yaml and .spectral.yaml, and the check of examples."""
import pathlib

import tools

HERE = pathlib.Path(__file__).resolve().parent


def redocly(*documents):
    tools.run(tools.node() / "redocly", "lint", "--config", HERE / "redocly.yaml", "--max-problems", "1000", *documents)


def spectral(*documents):
    tools.run(tools.node() / "spectral", "lint", "--ruleset", HERE / ".spectral.yaml", "--fail-severity", "hint",
              *documents)


def examples(document):
    tools.run(tools.python() / "python", HERE / "examples.py", document)
