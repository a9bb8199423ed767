#!/usr/bin/env python3
"""What a warm reply costs the function in processor time, beside the shortest reply that can be written.

Usage: warm_reply.py [--replies N] [--rounds N] VENTANILLA REPLY BASELINE

Starts the local server for its store and its simulated WhatsApp, plays the Lambda Runtime API, and gives both binaries
the same event, by turns, so that what else the machine does hits both alike. Tells processor milliseconds for each reply,
the median of the rounds with the least and the most, and the ratio. Nothing is sent anywhere else. Needs /proc (Linux).
"""
import argparse
import contextlib
import http.client
import http.server
import json
import pathlib
import queue
import statistics
import sys
import tempfile
import threading

sys.dont_write_bytecode = True  # importing a script must leave nothing beside it
import broadcast

WARM = 50  # replies before any is counted
NUMBER = "50231000001"
TABLE = "ventanilla-local"


class Function:
    """A function's binary under a Runtime API of its own."""

    def __init__(self, binary, folder, store, extra):
        self.runtime = http.server.ThreadingHTTPServer(("127.0.0.1", 0), broadcast.RuntimeApi)
        self.runtime.daemon_threads = True
        self.runtime.events, self.runtime.answers = queue.Queue(), queue.Queue()
        self.runtime.asked = threading.Event()
        threading.Thread(target=self.runtime.serve_forever, daemon=True).start()
        self.process = broadcast.function(binary, folder, store, self.runtime, extra)
        if not self.runtime.asked.wait(10):
            sys.exit(f"{binary} never asked for an event; {self.process.log.read_text(errors='replace')}")

    def spent(self):
        """Processor milliseconds so far, to the nanosecond that the scheduler counts."""
        tasks = pathlib.Path(f"/proc/{self.process.child.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def replies(self, event, count):
        """Processor milliseconds for each of so many replies, one after another."""
        before = self.spent()
        for _ in range(count):
            self.runtime.events.put(event)
            path, answer = self.runtime.answers.get(timeout=30)
            if not path.endswith("/response") or answer.get("statusCode") != 200:
                sys.exit(f"answered {answer} on {path}; {self.process.log.read_text(errors='replace')[-2000:]}")
        return (self.spent() - before) / count


def put(store, item):
    connection = http.client.HTTPConnection("127.0.0.1", store, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/", json.dumps({"TableName": TABLE, "Item": item}), {
            "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.PutItem",
            "x-amz-date": "20260101T000000Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
                             "SignedHeaders=host, Signature=0",
        })
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"the store answered {answer.status}: {answer.read()[:500]}")


def event(conversation):
    path = f"/api/conversations/{conversation}/reply"
    sample = json.loads((pathlib.Path(__file__).parent.parent / "events" / "reply.json").read_text())
    sample.update(rawPath=path, pathParameters={"id": str(conversation)})
    sample["requestContext"]["http"]["path"] = path
    return sample


def measure(options, folder):
    server = broadcast.Server(options.ventanilla, folder, broadcast.PACES[1], folder / "data")
    functions = []
    try:
        status, _ = server.call("POST", f"/sandbox/phones/+{NUMBER}/messages", {"text": "Hola"})
        if status != 200:
            sys.exit(f"the customer's message was answered {status}")
        listed = server.call("GET", "/v1/conversations")[1]
        first = next(iter(listed.get("data") or listed["conversations"]))["id"]
        # Earlier versions had the bare number.
        conversation = str(first).removeprefix("conv_")
        store = server.store()
        if store is None:
            sys.exit("the port of the embedded store could not be found")
        put(store, {"pk": {"S": "BASELINE"}, "sk": {"S": "CONVERSATION"}, "number": {"S": NUMBER}})
        url = f"http://127.0.0.1:{server.port}/{options.graph}/100000000000001/messages"
        extra = {"BASELINE_MESSAGES_URL": url, "BASELINE_TOKEN": "demo-access-token"}
        functions = [Function(binary, folder, store, extra) for binary in (options.reply, options.baseline)]
        given = event(conversation)
        for function in functions:
            function.replies(given, WARM)
        rounds = [[function.replies(given, options.replies) for function in functions]
                  for _ in range(options.rounds)]
        for name, times in zip(("reply", "baseline"), zip(*rounds)):
            print(f"{name}: {statistics.median(times):.2f} ms of processor a reply "
                  f"({min(times):.2f} to {max(times):.2f}, {options.rounds} rounds of {options.replies})")
        print(f"ratio: {statistics.median(ours / theirs for ours, theirs in rounds):.2f}")
    finally:
        for function in functions:
            function.process.kill()
            function.runtime.shutdown()
        server.kill()


def main():
    arguments = argparse.ArgumentParser(description="What a warm reply costs the function.")
    arguments.add_argument("--replies", type=int, default=200, help="replies in a round")
    arguments.add_argument("--rounds", type=int, default=10, help="rounds of each binary")
    arguments.add_argument("--graph", default="sandbox/graph/v26.0", help="where the simulated Graph API is")
    arguments.add_argument("ventanilla", help="the local server's binary")
    arguments.add_argument("reply", help="the function's binary")
    arguments.add_argument("baseline", help="the binary baseline-reply")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
