"""Clients that generators make of openapi.yaml: type-checked, and run against a local server."""
import pathlib
import shutil

import tools

HERE = pathlib.Path(__file__).resolve().parent / "clients"


def fresh(name):
    """An empty folder below target/ for what is generated."""
    folder = tools.TARGET / "documents" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def typescript(document):
    """Generates and type-checks; gives the command that runs the client."""
    commands, folder = tools.node(), fresh("typescript")
    (folder / "node_modules").symlink_to(commands.parent)
    for source in ("client.ts", "package.json", "tsconfig.json"):
        shutil.copy(HERE / source, folder)
    tools.run(commands / "openapi-typescript", document, "--output", folder / "api.ts")
    tools.run(commands / "tsc", "--project", folder)
    return ["node", folder / "client.js"]


def generate_python(document, folder):
    tools.run(tools.python() / "openapi-python-client", "generate", "--path", document, "--meta", "none",
              "--fail-on-warning", "--config", HERE / "generator.yaml", "--output-path", folder / "ventanilla_client")


def python(document):
    """Generates and type-checks; gives the command that runs the client."""
    commands, folder = tools.python(), fresh("python")
    shutil.copy(HERE / "client.py", folder)
    generate_python(document, folder)
    # The generator casts an empty list to what it is already.
    tools.run(commands / "mypy", "--strict", "--disable-error-code", "redundant-cast", "--cache-dir",
              tools.TARGET / "documents" / "mypy", "client.py", "ventanilla_client", cwd=folder)
    return [commands / "python", folder / "client.py"]
