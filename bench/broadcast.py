#!/usr/bin/env python3
"""How fast a template goes to 1,000 new numbers in one request, and in how much memory.

Usage: broadcast.py [--folder] [--poll SECONDS] VENTANILLA [WORKER]

Starts the local server with a config file of its own in a temporary folder, once with a channel of 80
messages a second and once with as many as the setting allows, posts one request, asks after the broadcast
until it is done, and reports what the simulated WhatsApp's own record says of the pace. The data is in
memory, with --folder in the temporary folder. Ends with an error unless everybody was sent to, once.

With the function's binary as well, a batch of ten jobs (500 recipients) is carried out by it under a Lambda
Runtime API played here, with the store and the WhatsApp of a local server. The jobs are those of a broadcast
whose server was killed right after its answer and started again: until its first sweep they lie there.

Nothing is sent anywhere else. Needs /proc (Linux).
"""
import argparse
import bisect
import collections
import contextlib
import datetime
import http.client
import http.server
import json
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

RECIPIENTS = 1000
PIECE = 50  # recipients in a job
BATCH = 10  # jobs in an event
PACES = (80, 65535)
SLOW = 1
PATIENCE = 180
WORKER_SECONDS = 60  # the function's own limit in template.yaml

KEY = "vk_ZGVtby1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE"
CONFIG = f"""
[[tenants]]
id = "demo"
default_channel = 1
[[tenants.keys]]
name = "demo"
key = "{KEY}"
scopes = ["send", "read", "admin"]
[[apps]]
id = "demo"
app_secret = "demo-app-secret"
verify_token = "demo-verify-token"
[[channels]]
id = 1
tenant = "demo"
provider = "meta"
app = "demo"
phone_number_id = "100000000000001"
waba_id = "200000000000001"
number = "+15550100001"
access_token = "demo-access-token"
graph_base_url = "sandbox"
throughput = PACE
"""


class Process:
    """A running binary, and what the system says of it."""

    def __init__(self, command, folder, env, stdout=None):
        self.log = folder / f"{pathlib.Path(command[0]).name}-{time.monotonic_ns()}.log"
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(command, env=env, stdout=stdout or log, stderr=log)

    def memory(self):
        """Peak resident memory so far, in MiB."""
        status = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024

    def processor(self):
        """Processor seconds so far."""
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def complaints(self):
        """How many warnings and errors it logged, and an example."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines()
                 if re.search(r"\b(WARN|ERROR|panicked)\b", line)]
        return f"{len(lines)} warnings or errors logged" + (f", such as: {lines[0]}" if lines else "")

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


class Server(Process):
    """A local server on a free port."""

    def __init__(self, binary, folder, pace, data):
        config = folder / f"pace-{pace}.toml"
        config.write_text(CONFIG.replace("PACE", str(pace)))
        kept = ["--memory"] if data is None else ["--data", str(data)]
        command = [binary, "serve", "--port", "0", "--config", str(config), *kept]
        super().__init__(command, folder, {}, subprocess.PIPE)
        greeting = re.search(rb"http://127\.0\.0\.1:(\d+)", self.child.stdout.readline())
        if not greeting:
            sys.exit(f"the server did not start: {self.log.read_text(errors='replace')}")
        self.port = int(greeting[1])

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body and json.dumps(body), {"Authorization": f"Bearer {KEY}"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def begin(self, recipients):
        """Posts the one request; the id of the broadcast."""
        status, answer = self.call("POST", "/api/whatsapp/send-template", {
            "templateName": "hello_world",
            "languageCode": "en_US",
            "recipients": [{"phoneNumber": f"+5023100{number:04}"} for number in range(recipients)],
        })
        if status != 202:
            sys.exit(f"the request was answered {status}: {json.dumps(answer)[:500]}")
        return answer["summary"]["jobId"]

    def overview(self, broadcast):
        return self.call("GET", f"/v1/broadcasts/{broadcast}")[1]

    def sends(self):
        """When WhatsApp was called to send, in its own record; each number must be there once."""
        calls = [entry for entry in self.call("GET", "/sandbox/log")[1] if entry["entry"] == "call"]
        refused = [call for call in calls if "accepted" not in call["verdict"]]
        twice = [to for to, times in collections.Counter(call["to"] for call in calls).items() if times > 1]
        if refused or twice:
            sys.exit(f"{len(refused)} calls were refused, {len(twice)} numbers were sent to twice")
        return sorted(datetime.datetime.fromisoformat(call["at"]).timestamp() for call in calls)

    def store(self):
        """The port of the embedded store, which is not told: the other one that this process listens on."""
        held = set()
        for name in os.listdir(f"/proc/{self.child.pid}/fd"):
            with contextlib.suppress(OSError):
                held.add(os.readlink(f"/proc/{self.child.pid}/fd/{name}"))
        rows = [row.split() for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        ports = {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held}
        others = ports - {self.port}
        return others.pop() if len(others) == 1 else None


def busy():
    """Processor seconds that the whole machine was busy for since it started."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def until(what, seconds, found):
    """Asks `found` every so many seconds until it gives something."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if (result := found()) is not None:
            return result
        time.sleep(seconds)
    sys.exit(f"{what} did not come within {PATIENCE} s")


def paced(times, since):
    """The rate since a time, and how even it was."""
    after = times[bisect.bisect_right(times, since):]
    rate = len(after) / (after[-1] - since)
    densest = max((bisect.bisect_left(times, start + 1) - place, start) for place, start in enumerate(times))
    longest = max((later - sooner, sooner) for sooner, later in zip(times, times[1:]))
    told = f"first send after {times[0] - since:.2f} s, last after {after[-1] - since:.2f} s; most within a second " \
           f"{densest[0]}, from {densest[1] - since:.1f} s on; longest pause {longest[0] * 1000:.0f} ms, " \
           f"at {longest[1] - since:.1f} s"
    return rate, told


def share(rate, pace):
    """The part of the asked rate that was reached; of the highest setting it says nothing."""
    return f", {rate / pace:.3f} of what was asked" if pace != PACES[-1] else ""


def broadcast(binary, pace, keep, poll):
    """One request of many; the rate that was reached."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        server = Server(binary, folder, pace, folder / "data" if keep else None)
        try:
            before = server.memory()
            at_first = busy() - server.processor()
            asked = time.time()
            job = server.begin(RECIPIENTS)
            answered = time.time()

            def ended():
                seen = server.overview(job)
                return None if seen["state"] == "running" else seen

            seen = until("the end of the broadcast", poll, ended)
            done, processor, peak = time.time(), server.processor(), server.memory()
            others = busy() - processor - at_first
            if seen["state"] != "done" or seen["counts"]["accepted"] != RECIPIENTS:
                sys.exit(f"not everybody was sent to: {seen}; {server.complaints()}")
            until("the last status", poll,
                  lambda: True if server.overview(job)["counts"]["read"] == RECIPIENTS else None)
            read, last_peak = time.time(), server.memory()
            server.overview(job)
            look = time.time() - read
            rate, told = paced(server.sends(), answered)
            print(f"server, throughput {pace}, {'in a folder' if keep else 'in memory'}: "
                  f"answered after {answered - asked:.2f} s, {told}")
            print(f"  rate {rate:.1f} a second{share(rate, pace)}")
            print(f"  {seen['state']} seen {done - asked:.1f} s after the request "
                  f"({processor:.1f} s of processor, {others:.1f} s of everything else on the machine), "
                  f"all read after {read - asked:.1f} s; a look at it then took {look * 1000:.0f} ms")
            print(f"  counts then: {seen['counts']}")
            print(f"  peak memory {before:.0f} MiB before, {peak:.0f} when done, {last_peak:.0f} when all were "
                  f"read (with the embedded database and the simulated WhatsApp)")
            print(f"  {server.complaints()}")
            return rate
        finally:
            server.kill()


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    """The endpoint that a function's binary asks for events, and Secrets Manager."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.set()
        event = self.server.events.get()
        self.give(200, event, {
            "lambda-runtime-aws-request-id": "00000000-0000-4000-8000-000000000001",
            "lambda-runtime-deadline-ms": str(int((time.time() + WORKER_SECONDS) * 1000)),
            "lambda-runtime-invoked-function-arn": "arn:aws:lambda:us-east-1:123456789012:function:worker",
        })

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])) if "content-length" in self.headers else \
            b"".join(self.chunks())
        if self.headers["x-amz-target"] == "secretsmanager.GetSecretValue":
            return self.give(200, {
                "Name": json.loads(body)["SecretId"],
                "SecretString": json.dumps({"access_token": "demo-access-token"}),
                "VersionStages": ["AWSCURRENT"],
            })
        self.server.answers.put((self.path, json.loads(body or b"null")))
        return self.give(202, {})

    def give(self, status, answer, headers=()):
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunks(self):
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *_):
        pass


def function(binary, folder, store, runtime, extra=None):
    """The function's binary, as Lambda starts it."""
    return Process([binary], folder, {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_address[1]}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{store}",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://127.0.0.1:{runtime.server_address[1]}",
        "VENTANILLA_TABLE": "ventanilla-local",
        # Nobody is there: what is measured needs neither, but the worker does not start without.
        "VENTANILLA_BUCKET": "bench",
        "VENTANILLA_QUEUE_URL": "http://127.0.0.1:9/0/jobs.fifo",
        **(extra or {}),
    })


def batch(job):
    """An event with ten jobs of a broadcast: not the first, which the server had begun with."""
    record = {"eventSource": "aws:sqs", "attributes": {"MessageGroupId": "demo"}, "messageAttributes": {}}
    piece = {"job": "broadcast_piece", "tenant": "demo", "broadcast": job}
    return {"Records": [{**record, "messageId": str(number), "body": json.dumps({**piece, "number": number})}
                        for number in range(1, BATCH + 1)]}


def alone(binary, worker, pace):
    """A batch of jobs carried out by the function's own binary."""
    with tempfile.TemporaryDirectory() as folder, \
            http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi) as runtime:
        folder = pathlib.Path(folder)
        runtime.daemon_threads = True
        runtime.events, runtime.answers, runtime.asked = queue.Queue(), queue.Queue(), threading.Event()
        threading.Thread(target=runtime.serve_forever, daemon=True).start()
        # One a second, so that the server itself is at the first job when it is killed.
        server = Server(binary, folder, SLOW, folder / "data")
        try:
            job = server.begin((BATCH + 1) * PIECE)
        finally:
            server.kill()
        server = Server(binary, folder, pace, folder / "data")
        process = None
        try:
            store = server.store()
            if store is None:
                print("worker alone: skipped, the port of the embedded store could not be found")
                return
            process = function(worker, folder, store, runtime)
            if not runtime.asked.wait(10):
                sys.exit("the worker never asked for an event")
            before = process.memory()
            at_first = busy() - server.processor() - process.processor()
            given = time.time()
            runtime.events.put(batch(job))
            path, answer = runtime.answers.get(timeout=WORKER_SECONDS + 10)
            took = time.time() - given
            peak, processor = process.memory(), process.processor()
            others = busy() - server.processor() - processor - at_first
            times = server.sends()
            if not path.endswith("/response") or answer != {"batchItemFailures": []}:
                sys.exit(f"the worker answered {answer} on {path}")
            if len(times) != BATCH * PIECE:
                sys.exit(f"{len(times)} of {BATCH * PIECE} were sent to; {process.complaints()}")
            rate, told = paced(times, given)
            print(f"worker alone, throughput {pace}: a batch of {BATCH * PIECE} answered after {took:.2f} s; {told}")
            print(f"  rate {rate:.1f} a second{share(rate, pace)}; {processor:.2f} s of processor, "
                  f"{processor / len(times) * 1000:.1f} ms for each recipient, "
                  f"{others:.1f} s of everything else but the server")
            print(f"  peak memory {before:.1f} MiB before, {peak:.1f} after; {process.complaints()}")
        finally:
            server.kill()
            if process:
                process.kill()
            runtime.shutdown()


def main():
    arguments = argparse.ArgumentParser(description="How fast a template goes to 1,000 new numbers.")
    arguments.add_argument("--folder", action="store_true", help="keep the data in a folder, not in memory")
    arguments.add_argument("--poll", type=float, default=1, help="seconds between two looks at the broadcast")
    arguments.add_argument("ventanilla", help="the local server's binary")
    arguments.add_argument("worker", nargs="?", help="the function's binary")
    options = arguments.parse_args()
    rates = [broadcast(options.ventanilla, pace, options.folder, options.poll) for pace in PACES]
    print(f"without a limit {rates[1] / rates[0]:.2f} times as fast as with {PACES[0]}")
    for pace in PACES if options.worker else ():
        alone(options.ventanilla, options.worker, pace)


if __name__ == "__main__":
    main()
