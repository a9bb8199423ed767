#!/usr/bin/env python3
"""docs/deploy.md on the emulator: its commands, read from that page and run by bash.

Quickstart.py calls `run`. The script calls itself for what is played: `chapter.py sam` deploys, `chapter.py customer` is
a customer who writes, `chapter.py socket URL` is a client for sockets.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

import quickstart

# The company's number in docs/deploy.md, as the simulated WhatsApp has it beside the demo's own.
NUMBER = """
[[tenants]]
id = "acme"
default_channel = 3
[[channels]]
id = 3
tenant = "acme"
provider = "meta"
app = "demo"
phone_number_id = "1001"
waba_id = "2001"
number = "+15550100009"
access_token = "a-token-of-acme"
graph_base_url = "sandbox"
"""
CREDENTIALS = {"access_token": "a-token-of-acme", "app_secret": "demo-app-secret"}

# What runs in place of a command that cannot run here; all other commands are the page's own.
PRELUDE = r'''
set -euo pipefail
aws() {
  case "$*" in
    "configure export-credentials --format env") echo "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test" ;;
    *) command aws "$@" ;;
  esac
}
cargo() { echo "(left out: cargo $*)"; }
git() { command git -C "$EMULATOR_ROOT" "$@"; }
sam() {
  case "$1" in
    build) echo "(left out: sam build; CARGO_NET_OFFLINE=$CARGO_NET_OFFLINE)" ;;
    deploy) "$EMULATOR_PYTHON" "$EMULATOR_CHAPTER" sam ;;
    *) return 1 ;;
  esac
}
ventanilla() {
  case "${1-} ${2-}" in
    # Meta is played by the simulated WhatsApp.
    "channel add") command ventanilla "$@" --graph-base-url "$EMULATOR_SANDBOX/sandbox/graph" | tee channel.txt ;;
    # Where callbacks go the simulated WhatsApp does not know, so something is found: 1.
    "channel check" | "doctor "*) command ventanilla "$@" || [ $? = 1 ] ;;
    *) command ventanilla "$@" ;;
  esac
}
websocat() { "$EMULATOR_PYTHON" "$EMULATOR_CHAPTER" socket "$1" | tee socket.txt; }
at_meta() {
  local path token
  path=$(sed -n 's/^webhook path *//p' channel.txt)
  token=$(sed -n 's/^verify token *//p' channel.txt)
  [ "$(curl -s -G "$VENTANILLA_PUBLIC_URL$path" -d hub.mode=subscribe -d hub.challenge=1158201444 \
    --data-urlencode "hub.verify_token=$token")" = 1158201444 ]
  echo "(the handshake is answered)"
}
customer_writes() { "$EMULATOR_PYTHON" "$EMULATOR_CHAPTER" customer "$VENTANILLA_PUBLIC_URL"; }
'''

# What people do, in the page's words, and what does it here.
PLAYED = {
    "# At Meta, in the app's WhatsApp configuration:": "at_meta",
    "# Write to the number from a phone.": "customer_writes",
}


def commands(page):
    """The commands of the page, with the played ones behind what says that people do them."""
    text = "\n".join(re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S))
    quickstart.check(text, "docs/deploy.md has no commands")
    for said, played in PLAYED.items():
        quickstart.check(text.count(said) == 1, f"docs/deploy.md should say once: {said}")
        # Comments go on over lines; the first command after them comes next.
        text = re.sub(rf"({re.escape(said)}[^\n]*\n(?:#[^\n]*\n)*)", rf"\1{played}\n", text)
    return text


def run(binaries, folder, path, reading):
    """Runs the page on an emulator of its own."""
    page = (quickstart.ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    config = folder / "sandbox.toml"
    config.write_text((quickstart.ROOT / "ventanilla.toml").read_text(encoding="utf-8") + NUMBER, encoding="utf-8")
    work = folder / "work"
    work.mkdir()
    (work / "meta.json").write_text(json.dumps(CREDENTIALS))
    (work / "samconfig.toml.example").symlink_to(quickstart.ROOT / "samconfig.toml.example")
    script = work / "deploy.sh"
    script.write_text(PRELUDE + commands(page), encoding="utf-8")
    with quickstart.emulator(binaries, folder, reading, config) as (endpoint, sandbox):
        environment = {
            **quickstart.plain_environment(folder), "AWS_ENDPOINT_URL": endpoint,
            "EMULATOR_ROOT": str(quickstart.ROOT), "EMULATOR_PYTHON": sys.executable,
            "EMULATOR_CHAPTER": __file__, "EMULATOR_FOLDER": str(folder), "EMULATOR_TEMPLATE": str(path),
            "EMULATOR_SANDBOX": sandbox,
        }
        tools = pathlib.Path(sys.executable).parent
        environment["PATH"] = os.pathsep.join([str(binaries), str(tools), environment["PATH"]])
        done = subprocess.run(["bash", script], cwd=work, env=environment, capture_output=True, text=True,
                              timeout=300, check=False)
        (folder / "chapter.log").write_text(done.stdout + done.stderr)
        quickstart.check(done.returncode == 0, f"the commands of docs/deploy.md end with {done.returncode}")
        targets = set(re.findall(r"^target: .*$", done.stderr, re.M))
        quickstart.check(len(targets) == 1 and f" in {quickstart.REGION} at {endpoint}" in min(targets), f"{targets}")
        quickstart.check(not (work / ".ventanilla").exists(), "something was put into .ventanilla")
        quickstart.ok("docs/deploy.md", f"every command; {min(targets)}")
        phone = quickstart.answer_of("GET", f"{sandbox}/sandbox/phones/+{quickstart.CUSTOMER}")[1]
        got = [message.get("text") for message in phone["messages"]]
        quickstart.check(got[-2:] == ["Hola", "¿En qué le ayudo?"], f"the phone shows {got}")
        frames = [json.loads(line) for line in (work / "socket.txt").read_text().splitlines()]
        quickstart.check("reply_status" in [frame["type"] for frame in frames], f"the socket was told {frames}")
        quickstart.ok("the replies on the phone", "one over HTTP, one over a socket, which was told of it")


def sam():
    """What `sam deploy` does, as far as the emulator takes it."""
    import tomllib

    quickstart.check(pathlib.Path("samconfig.toml").exists(), "there is no samconfig.toml")
    settings = tomllib.loads(pathlib.Path("samconfig.toml").read_text(encoding="utf-8"))["default"]
    common = settings["global"]["parameters"]
    quickstart.check((common["stack_name"], common["region"]) == (quickstart.STACK, quickstart.REGION), f"{common}")
    document = quickstart.emulated(pathlib.Path(os.environ["EMULATOR_TEMPLATE"]), os.environ["AWS_ENDPOINT_URL"])
    given = {word.split("=", 1)[0] for word in common["parameter_overrides"]}
    quickstart.check(given <= set(document["Parameters"]), f"samconfig.toml has parameters that are none: {given}")
    quickstart.Cloud(os.environ["AWS_ENDPOINT_URL"]).deploy(document, pathlib.Path(os.environ["EMULATOR_FOLDER"]))


def customer(base):
    """A customer writes: the simulated WhatsApp hears of it, and we as Meta would tell."""
    sandbox, text = os.environ["EMULATOR_SANDBOX"], "Hola, ¿están abiertos?"
    quickstart.window_opens(sandbox, quickstart.CUSTOMER, text, to="1001")
    channel = {"id": 1, "number": "+15550100009", "phone_number_id": "1001", "waba_id": "2001"}
    app = {"id": "main", "app_secret": CREDENTIALS["app_secret"]}
    meta = quickstart.Meta(base, {"apps": [app], "channels": [channel]})
    body = meta.body(messages=[{"from": quickstart.CUSTOMER, "id": "wamid.CHAPTER01", "type": "text",
                                "timestamp": str(int(time.time())), "text": {"body": text}}])
    status = meta.post(body)
    quickstart.check(status == 200, f"the customer's message: {status}")


def client(url):
    """Sends what comes on standard input, a frame a line, and prints what comes back, until the input ends."""
    from websockets.sync.client import connect

    with connect(url, proxy=None) as socket:
        def listen():
            for frame in socket:
                print(json.dumps(json.loads(frame), ensure_ascii=False), flush=True)

        threading.Thread(target=listen, daemon=True).start()
        for line in sys.stdin:
            socket.send(line.strip())


if __name__ == "__main__":
    plays = {"sam": sam, "customer": customer, "socket": client}
    try:
        plays[sys.argv[1]](*sys.argv[2:])
    except quickstart.Failed as failed:
        sys.exit(str(failed))
