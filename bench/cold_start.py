#!/usr/bin/env python3
"""How long a function's binary takes from its start to its first question for an event.

Usage: cold_start.py [--runs N] BINARY...

Plays the Lambda Runtime API on a port of this machine, starts each binary in turn (interleaved, so
that what else the machine does hits all alike), and prints size, wall time and CPU time: minimum,
median and maximum over the runs. Nothing is sent anywhere else.
"""
import http.server
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

asked = threading.Event()
asked_at = [0.0]


class RuntimeApi(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked_at[0] = time.perf_counter()
        asked.set()
        time.sleep(5)

    def log_message(self, *_):
        pass


def start(binary, port):
    """Wall and CPU milliseconds of one cold start."""
    env = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "VENTANILLA_TABLE": "bench",
        # Those of all functions: each refuses to start without its own.
        "VENTANILLA_BUCKET": "bench",
        "VENTANILLA_QUEUE_URL": "http://127.0.0.1:9/0/jobs.fifo",
        "VENTANILLA_FETCH_QUEUE_URL": "http://127.0.0.1:9/0/fetches",
        "VENTANILLA_SOCKET_URL": "http://127.0.0.1:9/live",
    }
    asked.clear()
    began = time.perf_counter()
    process = subprocess.Popen([binary], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not asked.wait(10):
        sys.exit(f"{binary} never asked for an event")
    wall = asked_at[0] - began
    process.send_signal(signal.SIGKILL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def main():
    arguments = sys.argv[1:]
    runs = 50
    if arguments[:1] == ["--runs"]:
        runs, arguments = int(arguments[1]), arguments[2:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    seen = {binary: [] for binary in arguments}
    for _ in range(runs):
        for binary in arguments:
            seen[binary].append(start(binary, server.server_address[1]))
    for binary, pairs in seen.items():
        size = os.path.getsize(binary) / 1e6
        spans = []
        for values in zip(*pairs):
            spans.append(f"{min(values):.1f} / {statistics.median(values):.1f} / {max(values):.1f}")
        print(f"{binary}: {size:.1f} MB, wall {spans[0]} ms, CPU {spans[1]} ms (min / median / max of {runs})")


if __name__ == "__main__":
    main()
