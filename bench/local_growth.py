#!/usr/bin/env python3
"""What a message costs the local server after 100, 1,000, 10,000 and 100,000 of them, how long it takes to start
then, and what it costs when nothing happens.

Usage: local_growth.py [--memory | --keep FOLDER | --again FOLDER] [--most MESSAGES] [--idle SECONDS] VENTANILLA

Starts the local server with a config file of its own and its data in a temporary folder. 100 simulated customers
write; then signed webhooks of up to 1,000 messages of theirs fill it. At each size texts are sent to them, one after
another, and the server is left alone until all statuses have come and the log has numbered everything. Told are
the median of a send, and the processor time of server, embedded database, simulated WhatsApp and callbacks together
for each of them. Sizes are visited once, upwards, so all ratios are from one run. Then the server is stopped and
started again with what it has.

Filling takes long, and whatever else the machine does then shows in the figures. `--keep` leaves the data in a folder, and
`--again` measures such a folder beside a new one with 100 messages, twice in turn, which takes a minute and a half.

Ends with an error when a send or a webhook is answered with anything but its good answer, when an event is lost or
numbered twice, or when a callback had to be repeated. Nothing is sent anywhere else. Needs /proc (Linux).
"""
import argparse
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # importing a script must leave nothing beside it
import broadcast

SIZES = (100, 1_000, 10_000, 100_000)
WEBHOOK = 1_000  # messages in a webhook
CUSTOMERS = 100  # who write in it
SENDS = 60
WARM = 10  # sends that are not counted, before the others
RESTING = 0.05  # of a core: nothing goes on any more
SECRET = b"demo-app-secret"


class Connection:
    """One connection to the server, kept open."""

    def __init__(self, server):
        self.server, self.http = server, http.client.HTTPConnection("127.0.0.1", server.port,
                                                                    timeout=broadcast.PATIENCE)

    def call(self, method, path, body=None, **headers):
        """The answer, and how long it took."""
        began = time.monotonic()
        self.http.request(method, path, body, {"Authorization": f"Bearer {broadcast.KEY}", **headers})
        answer = self.http.getresponse()
        text = answer.read()
        took = time.monotonic() - began
        if answer.status != 200:
            sys.exit(f"{method} {path} was answered {answer.status}: {text[:500]}; {self.server.complaints()}")
        return json.loads(text or b"null"), took


def webhook(first, count):
    """A callback of so many messages; the number of the first makes them new."""
    now = int(time.time())
    messages = [{
        "from": f"5023100{number % CUSTOMERS:04}", "id": f"wamid.grow{number}", "timestamp": str(now),
        "type": "text", "text": {"body": f"message {number}"},
    } for number in range(first, first + count)]
    contacts = [{"wa_id": f"5023100{number:04}", "profile": {"name": f"Customer {number}"}}
                for number in range(min(CUSTOMERS, count))]
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100001", "phone_number_id": "100000000000001"},
        "contacts": contacts, "messages": messages,
    }
    entry = {"id": "200000000000001", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def fill(connection, first, until):
    """Brings the messages that are there from `first` to `until`; how long each took of what brought them."""
    took = []
    while first < CUSTOMERS:
        path = f"/sandbox/phones/+5023100{first:04}/messages"
        took.append(connection.call("POST", path, json.dumps({"text": "Hola"}))[1] * 1000)
        first += 1
    while first < until:
        count = min(WEBHOOK, until - first)
        body = webhook(first, count)
        signature = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        took.append(connection.call("POST", "/webhooks/meta/demo", body, **{
            "X-Hub-Signature-256": signature, "Content-Type": "application/json"})[1] / count * 1000)
        first += count
    return took


def settled(connection):
    """Waits until everything has a number and the follower has come to the end of the stream, which has more rows than
    events: how far the log goes. As long as something goes on it may take its time."""
    end, same = None, 0
    while same < 3 or per_second(connection.server, 1) > RESTING:
        time.sleep(0.5)
        seen = connection.call("GET", "/v1/events?limit=1")[0]["log_end"]
        end, same = seen, same + 1 if seen == end else 0
    return int(end)


def send(connection, number):
    body = json.dumps({"phoneNumber": f"+5023100{number % CUSTOMERS:04}", "content": f"answer {number}"})
    return connection.call("POST", "/api/whatsapp/send", body, **{"Content-Type": "application/json"})[1]


def sends(server, connection):
    """How long each of the sends took, and the processor time for each, statuses and all."""
    for number in range(WARM):
        send(connection, number)
    settled(connection)
    idle = per_second(server, 3)
    began, spent = time.monotonic(), server.processor()
    times = [send(connection, number) for number in range(SENDS)]
    settled(connection)
    return times, (server.processor() - spent - idle * (time.monotonic() - began)) / SENDS


def per_second(server, seconds):
    """Processor seconds in a second in which nothing is done."""
    spent = server.processor()
    time.sleep(seconds)
    return (server.processor() - spent) / seconds


def watched(connection, seconds):
    """What it costs to do nothing for so long. The server closes connections that say nothing for some seconds."""
    connection.http.close()  # the next call opens it anew
    return f"idle: {per_second(connection.server, seconds) * 100:.2f} % of a core over {seconds} s"


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def checked(server, connection, messages):
    """No callback was repeated, none is missing in the log, no number is there twice."""
    log = connection.call("GET", "/sandbox/log")[0]
    late = [entry for entry in log if entry["entry"] == "callback" and (entry["attempt"] > 1 or not entry["delivered"])]
    if late:
        sys.exit(f"{len(late)} callbacks were not taken at once, such as {late[0]}; {server.complaints()}")
    cursor, seen, received = 0, 0, 0
    while True:
        page = connection.call("GET", f"/v1/events?cursor={cursor}&limit=100")[0]
        if not page["data"]:
            break
        for event in page["data"]:
            seen += 1
            received += event["type"] == "message.received"
            if int(event["cursor"]) != seen:
                sys.exit(f"event {seen} has number {event['cursor']}")
        cursor = page["next_cursor"]
    if received != messages:
        sys.exit(f"{received} messages in the log, {messages} came")
    print(f"  log: {seen} events, numbered without a gap, {received} of them messages that came")


def begin(binary, folder, kept):
    began = time.monotonic()
    server = broadcast.Server(binary, folder, broadcast.PACES[1], kept)
    connection = Connection(server)
    connection.call("GET", "/v1/events?limit=1")
    return server, connection, time.monotonic() - began


def stop(server):
    server.child.send_signal(signal.SIGTERM)
    server.child.wait()


def grow(binary, folder, options):
    kept = None if options.memory else folder / "data"
    sizes = [size for size in SIZES if size <= options.most]
    server, connection, took = begin(binary, folder, kept)
    with contextlib.ExitStack() as at_end:
        at_end.callback(lambda: server.kill())
        print(f"first start: answers after {took * 1000:.0f} ms; {watched(connection, options.idle)}", flush=True)
        before, first = 0, None
        for size in sizes:
            webhooks = fill(connection, before, size)
            settled(connection)
            times, spent = sends(server, connection)
            median = statistics.median(times) * 1000
            first = first or (median, spent)
            held = "" if kept is None else f"; {size_of(kept):.1f} MB in the folder"
            print(f"{size} messages: a send takes {median:.1f} ms ({min(times) * 1000:.1f} to "
                  f"{max(times) * 1000:.1f}; {median / first[0]:.2f} times the first), {spent * 1000:.1f} ms of processor "
                  f"with its statuses ({spent / first[1]:.2f} times); a message that came before took "
                  f"{statistics.median(webhooks):.2f} ms{held}; {server.memory():.0f} MiB at most; "
                  f"{server.complaints()}", flush=True)
            before = size
        checked(server, connection, before)
        print(watched(connection, options.idle), flush=True)
        if kept is None:
            return
        end = settled(connection)
        stop(server)
        print(f"stopped: {size_of(kept):.1f} MB in the folder")
        server, connection, took = begin(binary, folder, kept)
        numbered = settled(connection)
        print(f"second start: answers after {took * 1000:.0f} ms, {server.processor() * 1000:.0f} ms of processor by "
              f"the time it is quiet; the log went on from {end} to {numbered}; {server.memory():.0f} MiB at most")
        print(watched(connection, options.idle))


def measure(binary, folder, label):
    """What a send costs with the data of a folder."""
    server, connection, _ = begin(binary, folder, folder / "data")
    with contextlib.ExitStack() as at_end:
        at_end.callback(lambda: server.kill())
        settled(connection)
        times, spent = sends(server, connection)
        stop(server)
    print(f"{label}: a send takes {statistics.median(times) * 1000:.1f} ms, {spent * 1000:.1f} ms of processor with its "
          f"statuses", flush=True)
    return spent


def again(binary, grown, least):
    """What a send costs with much data, beside what it costs with little."""
    for _ in range(2):
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
            folder = pathlib.Path(name)
            server, connection, _ = begin(binary, folder, folder / "data")
            fill(connection, 0, least)
            settled(connection)
            stop(server)
            few = measure(binary, folder, f"{least} messages")
        print(f"{measure(binary, grown, str(grown)) / few:.2f} times the processor")


def main():
    arguments = argparse.ArgumentParser(description="What a message costs the local server after 100,000 of them.")
    arguments.add_argument("--memory", action="store_true", help="keep the data in memory, not in a folder")
    arguments.add_argument("--keep", type=pathlib.Path, help="leave the data in this folder")
    arguments.add_argument("--again", type=pathlib.Path, help="only measure what was kept in this folder")
    arguments.add_argument("--most", type=int, default=SIZES[-1], help="the largest size to go to")
    arguments.add_argument("--idle", type=int, default=60, help="seconds for which it is watched doing nothing")
    arguments.add_argument("ventanilla", help="the local server's binary")
    options = arguments.parse_args()
    if options.again:
        return again(options.ventanilla, options.again, SIZES[0])
    if options.keep:
        options.keep.mkdir(parents=True)
        return grow(options.ventanilla, options.keep, options)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        grow(options.ventanilla, pathlib.Path(folder), options)


if __name__ == "__main__":
    main()
