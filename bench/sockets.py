#!/usr/bin/env python3
"""How soon a customer's message is heard on 1, 100 and 1,000 sockets, and in how much memory.

Usage: sockets.py VENTANILLA [PUSH]

Starts the local server with a config file of its own in a temporary folder, with its data in memory, opens
sockets that hear everything of the company, and has a simulated customer write. Measured is from the request to
the simulated phone to the first and to the last socket that hears the message. Ends with an error unless every
socket hears every frame exactly once.

With the function's binary as well, each of these messages is told again by it, under a Lambda Runtime API
played here: it gets the server's own events as a batch of the stream that comes again (the server forgets the
stream's own records as soon as they were followed), and tells over the server's gateway. The numbers of the events are given by then (nothing switches that off in the server), so
one write to the store is missing from what it does for a message that is new.

Nothing is sent anywhere else. Needs /proc (Linux).
"""
import argparse
import asyncio
import base64
import collections
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import queue
import resource
import shlex
import statistics
import struct
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # importing a script must leave nothing beside it
import broadcast

SIZES = (1, 100, 1000)
STEP = 50  # sockets opened at once
MESSAGES = 10
QUIET = 0.5  # seconds after which the next message is written
LATE = 4  # seconds in which what was told twice would come: longer than a post may take
IDLE = 3  # seconds for which the server is watched doing nothing
FILES = 8192  # a socket, and a connection of its own for each post at a time
NUMBER = "+50231000001"
TABLE = "ventanilla-local"


class Ear(asyncio.Protocol):
    """One socket (RFC 6455), as its client."""

    def __init__(self, room, request, accept):
        self.room, self.request, self.accept = room, request, accept
        self.buffer = bytearray()
        self.open, self.parted = False, False
        self.connected = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data):
        at = time.monotonic()
        self.buffer += data
        if not self.open and not self.opened():
            return
        while (frame := self.frame()) is not None:
            self.hear(*frame, at)

    def opened(self):
        """Whether the hand-shake is through."""
        head, end, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if status.split(" ")[1] != "101" or headers.get("sec-websocket-accept") != self.accept:
            self.room.lost(f"a socket was refused: {status}")
        self.buffer[:] = rest
        self.open = True
        return True

    def frame(self):
        """The next whole frame. What a server says is not masked; ours says each text in one frame."""
        if len(self.buffer) < 2:
            return None
        first, size, start = self.buffer[0], self.buffer[1], 2
        if size == 126 or size == 127:
            start, form = (4, ">H") if size == 126 else (10, ">Q")
            if len(self.buffer) < start:
                return None
            size = struct.unpack(form, self.buffer[2:start])[0]
        if len(self.buffer) < start + size:
            return None
        payload = bytes(self.buffer[start:start + size])
        del self.buffer[:start + size]
        return first, payload

    def hear(self, first, payload, at):
        if first == 0x81:
            self.room.hear(self, json.loads(payload), at)
        elif first == 0x89:
            self.say(0xA, payload)
        elif first == 0x88:
            self.room.lost(f"a socket was closed: {payload[:2].hex()} {payload[2:]!r}")
        elif first != 0x8A:
            self.room.lost(f"a frame begins with {first:#x}")

    def say(self, kind, payload):
        """A frame of ours, which must be masked."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self.transport.write(bytes([0x80 | kind, 0x80 | len(payload)]) + mask + masked)

    def part(self):
        self.parted = True
        self.say(8, struct.pack(">H", 1000))
        self.transport.close()

    def connection_lost(self, error):
        if not self.parted:
            self.room.lost(f"a socket broke: {error or 'the server hung up'}")


class Room:
    """All sockets of a run, and what they hear."""

    def __init__(self, port):
        self.port = port
        self.ears = []
        self.problem = asyncio.get_running_loop().create_future()
        self.names = {}
        self.begin("")

    def begin(self, text):
        """From now on this message is waited for."""
        self.text, self.times, self.kinds = text, [], collections.Counter()
        self.heard = {ear: collections.Counter() for ear in self.ears}
        self.missing = set(self.ears)
        self.all_heard = asyncio.Event()

    def hear(self, ear, frame, at):
        if frame["type"] == "connected":
            if ear.connected.done():
                self.lost("a socket heard twice that it is connected")
            else:
                ear.connected.set_result(None)
            return
        if "eventId" not in frame:
            self.lost(f"a frame that nobody waits for: {frame}")
            return
        self.kinds[frame["type"]] += 1
        if ear in self.heard:
            self.heard[ear][frame["eventId"]] += 1
        if frame["type"] == "whatsapp_message" and frame["data"]["text"] == self.text and ear in self.missing:
            self.names[self.text] = frame["eventId"]
            self.times.append(at)
            self.missing.discard(ear)
            if not self.missing:
                self.all_heard.set()

    def lost(self, problem):
        if not self.problem.done():
            self.problem.set_result(problem)

    async def wait(self, what, awaitable):
        """Waits for something, unless something breaks or it takes too long."""
        task = asyncio.ensure_future(awaitable)
        await asyncio.wait({task, self.problem}, timeout=broadcast.PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if self.problem.done():
            raise Broken(self.problem.result())
        if not task.done():
            raise Broken(f"{what} did not come within {broadcast.PATIENCE} s; missing: {len(self.missing)} sockets")
        return task.result()

    async def enter(self, how_many, cursor):
        """Opens sockets, each with a hand-shake of its own, in steps; the next step follows the hellos."""
        for begin in range(0, how_many, STEP):
            step = [self.one(cursor) for _ in range(min(STEP, how_many - begin))]
            ears = await self.wait("a hand-shake", asyncio.gather(*step))
            self.ears += ears
            await self.wait("a first frame", asyncio.gather(*(ear.connected for ear in ears)))

    async def one(self, cursor):
        key = base64.b64encode(os.urandom(16)).decode()
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
        request = f"GET /ws?resume_from={cursor} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n" \
                  f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n" \
                  f"Authorization: Bearer {broadcast.KEY}\r\n\r\n"
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_connection(
            lambda: Ear(self, request.encode(), accept.decode()), "127.0.0.1", self.port)
        return ear

    def check(self):
        """Every socket heard the same frames, each once. How many there were."""
        heard = list(self.heard.values())
        twice = sum(1 for one in heard if any(times > 1 for times in one.values()))
        short = sum(1 for one in heard if set(one) != set().union(*heard))
        if self.missing or twice or short:
            raise Broken(f"{self.text}: {len(self.missing)} of {len(self.ears)} sockets did not hear it, {short} missed "
                         f"a frame that others heard, {twice} heard one twice")
        return {kind: times / len(self.ears) for kind, times in self.kinds.items()}


class Broken(Exception):
    """What is measured did not hold."""


def spread(values, unit="ms", scale=1000):
    """Minimum, median, maximum."""
    least, middle, most = min(values), statistics.median(values), max(values)
    return " / ".join(f"{value * scale:.1f}" for value in (least, middle, most)) + f" {unit}"


def write(server, text):
    """A customer writes. When that began, and when the webhook had answered."""
    began = time.monotonic()
    status, answer = server.call("POST", f"/sandbox/phones/{NUMBER}/messages", {"text": text})
    if status != 200:
        raise Broken(f"the customer's message was answered {status}: {answer}")
    return began, time.monotonic()


async def told(room, server, text):
    """One message, heard by all: how long until it was answered, first heard and last heard."""
    room.begin(text)
    began, answered = await room.wait("the answer", asyncio.to_thread(write, server, text))
    await room.wait(text, room.all_heard.wait())
    return answered - began, room.times[0] - began, room.times[-1] - began


async def watched(room, server, seconds):
    """Processor seconds of the server, and ours, in a second in which nothing is done."""
    ours, theirs = time.process_time(), server.processor()
    await room.wait("the end of a rest", asyncio.sleep(seconds))
    return (server.processor() - theirs) / seconds, (time.process_time() - ours) / seconds


async def measure(room, server, size):
    """Opens so many sockets and has a customer write. Gives the median of the last socket."""
    cursor = server.call("GET", "/v1/events")[1]["log_end"]
    bare = server.memory()
    began = time.monotonic()
    await room.enter(size, cursor)
    connected = time.monotonic()
    # What follows the sockets' own records in the stream is told when all of them are live.
    await told(room, server, "the first")
    live = time.monotonic()
    await room.wait("a rest", asyncio.sleep(LATE))
    room.check()
    print(f"{size} sockets: opened and greeted after {connected - began:.2f} s, a first message heard by all "
          f"{live - connected:.2f} s later")
    idle, ours_idle = await watched(room, server, IDLE)
    spent, ours, others, since = server.processor(), time.process_time(), broadcast.busy(), time.monotonic()
    answered, first, last = [], [], []
    for number in range(MESSAGES):
        for times, one in zip((answered, first, last), await told(room, server, f"message {number}")):
            times.append(one)
        await room.wait("quiet", asyncio.sleep(QUIET))
        frames = room.check()
    took = time.monotonic() - since
    spent, ours = server.processor() - spent, time.process_time() - ours
    others = broadcast.busy() - others - spent - ours
    await room.wait("a rest", asyncio.sleep(LATE))
    room.check()
    print(f"  {MESSAGES} messages, each heard by {size} of {size}, once; frames of the last, for each socket: {frames}")
    print(f"  first socket after {spread(first)}, last after {spread(last)} "
          f"({statistics.median(last) / statistics.median(first):.2f} times); webhook answered after "
          f"{spread(answered)}")
    print(f"  between first and last {spread([later - sooner for sooner, later in zip(first, last)])}")
    print(f"  processor of the server {(spent - idle * took) / MESSAGES * 1000:.0f} ms a message beside the "
          f"{idle * 1000:.0f} ms that every second without one costs; ours "
          f"{(ours - ours_idle * took) / MESSAGES * 1000:.0f} ms a message; {others:.1f} s of everything else")
    print(f"  peak memory {bare:.0f} MiB before, {server.memory():.0f} after (with the embedded database, the "
          f"simulated WhatsApp and the gateway); {server.complaints()}")
    return statistics.median(last)


def stream(store):
    """The events in the embedded store, as records of its stream."""
    connection = http.client.HTTPConnection("127.0.0.1", store, timeout=broadcast.PATIENCE)

    def scan(start):
        asked = {"TableName": TABLE, **({"ExclusiveStartKey": start} if start else {})}
        connection.request("POST", "/", json.dumps(asked), {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.Scan",
            "x-amz-date": "20260101T000000Z",
            "authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
                             "SignedHeaders=host, Signature=0",
        })
        return json.loads(connection.getresponse().read())

    start, found = None, []
    while True:
        page = scan(start)
        found += [item for item in page["Items"] if item.get("row") == {"S": "event"}]
        start = page.get("LastEvaluatedKey")
        if not start:
            connection.close()
            break
    # In their order, and as they were before they had a number.
    found.sort(key=lambda item: int(item["seq"]["N"]))
    return [{
        "eventName": "INSERT", "eventID": str(number), "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
        "dynamodb": {
            "NewImage": {name: value for name, value in item.items() if name != "seq"},
            "SequenceNumber": f"1{number:020}", "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    } for number, item in enumerate(found, 1)]


def function(binary, folder, store, runtime, port):
    """The function's binary, as Lambda starts it; where the sockets are, only this one is told."""
    starter = folder / "push"
    starter.write_text(f"#!/bin/sh\nexport VENTANILLA_SOCKET_URL=http://127.0.0.1:{port}\n"
                       f"exec {shlex.quote(str(pathlib.Path(binary).resolve()))}\n")
    starter.chmod(0o700)
    return broadcast.function(str(starter), folder, store, runtime)


async def alone(room, server, size, binary, folder):
    """The same messages told again by the function's own binary."""
    store = server.store()
    if store is None:
        print("push alone: skipped, the port of the embedded store could not be found")
        return
    by_text = {text: [record for record in stream(store) if name in json.dumps(record)]
               for text, name in room.names.items() if text.startswith("message")}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), broadcast.RuntimeApi) as runtime:
        runtime.daemon_threads = True
        runtime.events, runtime.answers, runtime.asked = queue.Queue(), queue.Queue(), threading.Event()
        threading.Thread(target=runtime.serve_forever, daemon=True).start()
        process = function(binary, folder, store, runtime, server.port)
        try:
            if not await asyncio.to_thread(runtime.asked.wait, 10):
                raise Broken("push never asked for an event")
            before = process.memory()
            first, last, answered, spent = [], [], [], []
            for text, records in by_text.items():
                if len(records) != 1:
                    raise Broken(f"{len(records)} records in the stream tell of {text}")
                room.begin(text)
                busy, began = process.processor(), time.monotonic()
                runtime.events.put({"Records": records})
                path, answer = await room.wait("push's answer", asyncio.to_thread(
                    runtime.answers.get, timeout=broadcast.WORKER_SECONDS + 10))
                answered.append(time.monotonic() - began)
                if not path.endswith("/response") or answer != {"batchItemFailures": []}:
                    raise Broken(f"push answered {answer} on {path}")
                await room.wait(text, room.all_heard.wait())
                first.append(room.times[0] - began)
                last.append(room.times[-1] - began)
                await room.wait("quiet", asyncio.sleep(QUIET))
                spent.append(process.processor() - busy)
                room.check()
            await room.wait("a rest", asyncio.sleep(LATE))
            room.check()
            print(f"push alone, {size} sockets, the same messages told again; of the first, which opens its "
                  f"connections: last socket after {last[0] * 1000:.0f} ms, answered after "
                  f"{answered[0] * 1000:.0f} ms, {spent[0] * 1000:.0f} ms of processor")
            print(f"  of the others: first socket after {spread(first[1:])}, last after {spread(last[1:])}, "
                  f"answered after {spread(answered[1:])}")
            print(f"  processor {sum(spent[1:]) / len(spent[1:]) * 1000:.0f} ms a message, "
                  f"{sum(spent[1:]) / len(spent[1:]) / size * 1000:.2f} ms a post")
            print(f"  peak memory {before:.1f} MiB before, {process.memory():.1f} after; {process.complaints()}")
        finally:
            process.kill()
            runtime.shutdown()


async def run(binary, push, size):
    """A server of its own for each size, so that its peak memory is that of the size."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        server = broadcast.Server(binary, folder, broadcast.PACES[0], None)
        room = Room(server.port)
        try:
            last = await measure(room, server, size)
            if push:
                await alone(room, server, size, push, folder)
            for ear in room.ears:
                ear.part()
            return last
        except Broken as problem:
            sys.exit(f"{size} sockets: {problem}; {server.complaints()}")
        finally:
            server.kill()


def main():
    arguments = argparse.ArgumentParser(description="How soon a customer's message is heard on 1,000 sockets.")
    arguments.add_argument("ventanilla", help="the local server's binary")
    arguments.add_argument("push", nargs="?", help="the function's binary")
    arguments.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many sockets")
    options = arguments.parse_args()
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < FILES:
        sys.exit(f"{FILES} open files are needed, {most} are allowed")
    if allowed != resource.RLIM_INFINITY and allowed < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, most))
    lasts = {size: asyncio.run(run(options.ventanilla, options.push, size)) for size in options.sizes}
    for fewer, more in zip(options.sizes, options.sizes[1:]):
        print(f"last socket of {more}: {lasts[more] / lasts[fewer]:.1f} times as late as of {fewer}")


if __name__ == "__main__":
    main()
