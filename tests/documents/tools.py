"""The tools of the two locks beside this file, each lock installed once, into a folder named by its hash."""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
# No tool reports home, nor asks whether there is something newer.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1",
         "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# How npm and pip say that their registry cannot be reached or is not at work.
DOWN = re.compile(r"code (ENOTFOUND|ECONN\w+|ETIMEDOUT|EAI_AGAIN|E\w+UNREACH|ERR_SOCKET_TIMEOUT|E429|E5\d\d)\b"
                  r"|connection broken by|Read timed out|name resolution|HTTP error (429|5\d\d)|too many 5\d\d")


# The locks that could not be installed, with what was found then: nothing is tried twice.
broken = {}


class Failed(Exception):
    """A command ended with a failure; holds what it printed."""


class RegistryDown(Exception):
    """What a lock names is not here, and its registry does not answer."""


def run(*command, cwd=ROOT, more=None):
    """Runs a command to its end; gives what it printed."""
    environment = {**os.environ, **QUIET, **(more or {})}
    try:
        ended = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    except FileNotFoundError as missing:
        raise Failed(f"{missing.filename} is not installed") from None
    if ended.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}\n{ended.stdout}")
    return ended.stdout


def node():
    """The linters and what makes TypeScript clients; gives the folder of their commands."""
    locks = [HERE / "package.json", HERE / "package-lock.json", HERE / ".npmrc"]
    return installed("npm", locks, run("node", "--version"), fill_node) / "node_modules" / ".bin"


def python():
    """What makes requests and Python clients, and the type checker; gives the folder of its commands."""
    return installed("pip", [HERE / "requirements.txt"], sys.version, fill_python) / "bin"


def fill_node(folder, locks):
    for lock in locks:
        shutil.copy(lock, folder)
    run("npm", "ci", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", cwd=folder)


def fill_python(folder, locks):
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--quiet", "--retries", "2", "--timeout", "30", "--require-hashes",
        "--requirement", locks[0])


def installed(name, locks, runtime, fill):
    """The folder of a lock; filled before, or now. One that was left half filled is filled anew."""
    digest = hashlib.sha256(b"\0".join([runtime.encode(), *(lock.read_bytes() for lock in locks)])).hexdigest()[:12]
    folder = TARGET / "tools" / f"{name}-{digest}"
    whole = folder / "installed"
    if whole.exists():
        return folder
    if name in broken:
        raise broken[name]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        fill(folder, locks)
    except Failed as failed:
        down = DOWN.search(str(failed)) and "HASHES" not in str(failed)
        gone = RegistryDown(f"the {name} registry does not answer")
        broken[name] = gone if down else Failed(f"the {name} lock cannot be installed")
        raise (gone if down else failed) from None
    whole.touch()
    return folder
