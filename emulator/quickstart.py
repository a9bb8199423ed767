#!/usr/bin/env python3
"""Deploys template.yaml to an AWS emulator on this machine, and runs a quick start and docs/deploy.md there.

Usage: quickstart.py [--debug] [--no-build] [--binaries DIR] [--template FILE] [--reading item|together]

Prints a line for every step; the exit code is 0 only if all of them hold. Everything listens on
127.0.0.1, on ports that are free, and ends with the script. README.md, beside it, says what this proves.
"""
import argparse
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile

sys.dont_write_bytecode = True  # importing a script must leave nothing beside it

# What follows needs the packages below; `main` starts the script again where they are installed.
REQUIREMENTS = ["ministack[full]==1.5.33", "boto3==1.43.106", "awscli==1.46.3", "websockets==17.4"]
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / "target" / "emulator-venv"
FUNCTIONS = ["reply", "send", "send-template", "sync-templates", "webhook", "inbox", "reconcile", "worker", "socket",
             "push", "fetch"]
STACK, REGION, BUCKET = "ventanilla", "eu-west-1", "ventanilla-code"
# How the keys of a transaction are judged; leading_keys.py says more.
READINGS = ["item", "together"]
CUSTOMER = "50212345678"
STARTED = time.monotonic()
# Only this machine is called: a proxy of the environment would be in the way.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Stay(urllib.request.HTTPRedirectHandler):
    """Tells where a redirect leads to instead of going there."""

    def redirect_request(self, *_):
        return None


STAYING = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)


class Failed(Exception):
    """A step does not hold."""


def ok(step, detail=""):
    print(f"OK  {time.monotonic() - STARTED:5.1f}s  {step}{': ' if detail else ''}{detail}", flush=True)


def check(holds, problem):
    if not holds:
        raise Failed(problem)


# ----------------------------------------------------------------------------- before the emulator


def in_own_environment():
    """Installs the packages once and starts the script again with them."""
    wanted = "\n".join([platform.python_version(), *REQUIREMENTS])
    stamp, python = VENV / "requirements", VENV / "bin" / "python"
    if not (stamp.exists() and python.exists() and stamp.read_text() == wanted):
        print(f"Installing {', '.join(REQUIREMENTS)} into {VENV.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *REQUIREMENTS], check=True, timeout=600)
        stamp.write_text(wanted)
    if pathlib.Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(python, [str(python), *sys.argv])


def build(profile):
    packages = [part for name in [*FUNCTIONS, "ventanilla-local"] for part in ("-p", name)]
    release = ["--release"] if profile == "release" else []
    subprocess.run(["cargo", "build", "--locked", *release, "--bins", *packages], cwd=ROOT, check=True)
    ok("build", profile)


def package(binaries, folder):
    for name in FUNCTIONS:
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr, entry.compress_type = 0o100755 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, (binaries / name).read_bytes())
    sizes = sum((folder / f"{name}.zip").stat().st_size for name in FUNCTIONS)
    ok("package", f"{len(FUNCTIONS)} functions, {sizes / 1e6:.0f} MB")


def template(path):
    """A template with the short forms (`!Ref x`) written out."""
    import yaml  # comes with the emulator

    class Loader(yaml.SafeLoader):
        pass

    def intrinsic(loader, tag, node):
        if isinstance(node, yaml.ScalarNode):
            value = loader.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = loader.construct_sequence(node, deep=True)
        else:
            value = loader.construct_mapping(node, deep=True)
        if tag == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}

    Loader.add_multi_constructor("!", intrinsic)
    return yaml.load(path.read_text(encoding="utf-8"), Loader)


def without_sums(document):
    """The emulator refuses alarms over a sum of metrics, so these are left out."""
    resources = document["Resources"].items()
    sums = [name for name, it in resources
            if it["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in it["Properties"]]
    for name in sums:
        del document["Resources"][name]
    ok("leave out what the emulator refuses (a work-around)", f"the alarms {', '.join(sums)}")


def without_tls(document):
    """The emulator is called without TLS, which the queues and the bucket refuse."""
    resources = document["Resources"].items()
    policies = [name for name, it in resources if it["Type"] in ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy")]
    check(len(policies) > 1, "queues and bucket refuse nothing")
    for name in policies:
        del document["Resources"][name]
    ok("let queues and bucket be called without TLS (a work-around)", f"without {', '.join(policies)}")


def with_batches(document):
    """The emulator takes the call that puts several messages into a queue for an action of its own. At AWS it
    is sqs:SendMessage."""
    added = []
    for name, function in functions_of(document).items():
        for statement in function["Properties"]["Policies"][0]["Statement"]:
            if statement["Action"] == "sqs:SendMessage":
                statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
                added.append(name)
    check(added, "nobody may put anything into a queue")
    ok("grant the emulator's own action (a work-around)", f"sqs:SendMessageBatch to {', '.join(added)}")


def without_bounds(document):
    """The emulator reads how many may run at once as a text, stumbles over it, and then serves no queue at all."""
    resources = document["Resources"].items()
    bound = [name for name, it in resources if it["Type"] == "AWS::Lambda::EventSourceMapping"
             and it["Properties"].pop("ScalingConfig", None)]
    check(bound, "nothing bounds a queue's functions")
    ok("serve queues without a bound (a work-around)", ", ".join(bound))


def with_own_addresses(document, endpoint):
    """The names of the gateways lead to AWS, so the emulator's addresses of them take their place."""
    http, socket_api = (f"{endpoint}/_aws/execute-api/${{{api}}}" for api in ("HttpApi", "WebSocketApi"))
    document["Outputs"]["ApiUrl"]["Value"] = {"Fn::Sub": f"{http}/$default"}
    document["Outputs"]["WebSocketUrl"]["Value"] = {"Fn::Sub": f"{socket_api}/live".replace("http:", "ws:", 1)}
    reached = []
    for name, function in functions_of(document).items():
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        if "VENTANILLA_SOCKET_URL" in variables:
            variables["VENTANILLA_SOCKET_URL"] = {"Fn::Sub": f"{socket_api}/live"}
            reached.append(name)
    check(reached, "nobody reaches sockets")
    ok("put the emulator's addresses in the place of AWS's (a work-around)", f"sockets reached by {', '.join(reached)}")


def emulated(path, endpoint):
    """The template as the emulator takes it."""
    document = template(path)
    without_sums(document)
    without_tls(document)
    with_batches(document)
    without_bounds(document)
    with_own_addresses(document, endpoint)
    return document


def functions_of(document):
    resources = document["Resources"].items()
    return {name: it for name, it in resources if it["Type"] == "AWS::Serverless::Function"}


# --------------------------------------------------------------------------------------- processes


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def plain_environment(folder):
    """Nothing of the caller's AWS settings; what the emulator leaves behind goes with `folder`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "TMPDIR": str(folder), "NO_PROXY": "127.0.0.1,localhost"}


@contextlib.contextmanager
def running(name, command, environment, ready, log):
    """A process and its children, from its first good answer to the end of the block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )
        try:
            for _ in range(300):
                check(process.poll() is None, f"{name} ended at once")
                with contextlib.suppress(OSError):
                    if DIRECT.open(ready, timeout=2).status == 200:
                        break
                time.sleep(0.1)
            else:
                raise Failed(f"{name} does not answer")
            ok(f"start {name}")
            yield
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def answer_of(method, url, body=None, headers=None):
    """Status and body of an answer; the body is read as JSON where it is JSON."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with DIRECT.open(request, timeout=40) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


# -------------------------------------------------------------------------------------- deployment


class Cloud:
    """The emulated AWS, seen through boto3."""

    def __init__(self, endpoint):
        import boto3
        from botocore.config import Config

        session = boto3.Session("test", "test", region_name=REGION)
        config = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 1}, proxies={},
                        s3={"addressing_style": "path"})
        self.endpoint, self.config = endpoint, config
        self.client = lambda service: session.client(service, endpoint_url=endpoint, config=config)

    def deploy(self, document, folder):
        """The stack's resources by logical id, and its outputs."""
        store, formation = self.client("s3"), self.client("cloudformation")
        store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        for function in functions_of(document).values():
            name = f"{function['Metadata']['BuildProperties']['Binary']}.zip"
            store.upload_file(str(folder / name), BUCKET, name)
            function["Properties"]["CodeUri"] = f"s3://{BUCKET}/{name}"
        variables = document["Globals"]["Function"]["Environment"]["Variables"]
        variables["AWS_ENDPOINT_URL"] = self.endpoint
        # The text is too long to be passed along, so it goes through the bucket, as `sam deploy` does.
        store.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(document).encode())
        machine = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
        formation.create_stack(
            StackName=STACK,
            TemplateURL=f"{self.endpoint}/{BUCKET}/template.json",
            Parameters=[{"ParameterKey": "Architecture", "ParameterValue": machine}],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        for _ in range(240):
            stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                break
            time.sleep(0.5)
        if stack["StackStatus"] != "CREATE_COMPLETE":
            events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
            reasons = [f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}" for event in events
                       if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")]
            raise Failed(f"the stack is {stack['StackStatus']}: {'; '.join(reasons)}")
        resources = {}
        for page in formation.get_paginator("list_stack_resources").paginate(StackName=STACK):
            for resource in page["StackResourceSummaries"]:
                resources[resource["LogicalResourceId"]] = resource["PhysicalResourceId"]
        outputs = {it["OutputKey"]: it["OutputValue"] for it in stack["Outputs"]}
        ok("deploy template.yaml through CloudFormation", f"{len(resources)} resources")
        self.add_routes(document, resources)
        return resources, outputs

    def add_routes(self, document, resources):
        """The emulator makes the API but not its routes: SAM puts those into an OpenAPI body, which
        it does not read. So they are made here, from the same events of the template."""
        gateway, api, keys = self.client("apigatewayv2"), resources["HttpApi"], []
        check(not gateway.get_routes(ApiId=api)["Items"], "the emulator makes routes now: drop this step")
        functions = self.client("lambda")
        for name, function in functions_of(document).items():
            arn = functions.get_function(FunctionName=resources[name])["Configuration"]["FunctionArn"]
            for event in function["Properties"].get("Events", {}).values():
                if event["Type"] != "HttpApi":
                    continue
                route = event["Properties"]
                integration = gateway.create_integration(
                    ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn,
                    PayloadFormatVersion=route["PayloadFormatVersion"],
                    TimeoutInMillis=route["TimeoutInMillis"],
                )
                keys.append(f"{route['Method']} {route['Path']}")
                target = f"integrations/{integration['IntegrationId']}"
                gateway.create_route(ApiId=api, RouteKey=keys[-1], Target=target)
        ok("add the routes (a work-around)", f"{len(keys)} of the template's HttpApi events")

    def put_secrets(self, config, key_arn):
        secrets = self.client("secretsmanager")
        channel, app = config["channels"][0], config["apps"][0]
        # The template makes those of channel 1 and of the app `main`; the demo's app is `demo`.
        secrets.put_secret_value(
            SecretId=f"ventanilla/channel/{channel['id']}",
            SecretString=json.dumps({"access_token": channel["access_token"]}),
        )
        fields = {name: app[name] for name in ("app_secret", "verify_token")}
        secrets.create_secret(
            Name=f"ventanilla/app/{app['id']}", SecretString=json.dumps(fields), KmsKeyId=key_arn
        )
        second = config["channels"][1]
        fields = {name: second[name] for name in ("sid", "api_key", "callback_secret")}
        secrets.create_secret(
            Name=f"ventanilla/channel/{second['id']}", SecretString=json.dumps(fields), KmsKeyId=key_arn
        )
        ok("put the secrets of the channels and the app")

    def check_roles(self, reader, table):
        """That roles are enforced at all, or the quick start would say nothing about them."""
        import boto3
        from botocore.exceptions import ClientError

        arn = self.client("lambda").get_function(FunctionName=reader)["Configuration"]["Role"]
        role = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="quickstart")["Credentials"]
        session = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"], REGION)
        data = session.client("dynamodb", endpoint_url=self.endpoint, config=self.config)
        key = {"pk": {"S": "T#demo#NONE"}, "sk": {"S": "-"}}
        data.get_item(TableName=table, Key=key)
        # It may write tickets, and which rows are tickets the emulator does not look at.
        try:
            data.delete_item(TableName=table, Key=key)
        except ClientError as error:
            check(error.response["Error"]["Code"] == "AccessDeniedException", f"the inbox's deletion: {error}")
        else:
            raise Failed("the inbox's role may delete")
        ok("roles are enforced", "the inbox's may read the table and delete nothing")

    def provision(self, binaries, folder, table, sandbox):
        """The demo's tenant, key and channel into the table, with the sandbox as the provider."""
        demo = (ROOT / "ventanilla.toml").read_text(encoding="utf-8")
        for name, mount in (("graph_base_url", "graph"), ("base_url", "kaleyra")):
            line = f'\n{name} = "sandbox"'
            check(demo.count(line) == 1, f"ventanilla.toml should have one line{line}")
            demo = demo.replace(line, f'\n{name} = "{sandbox}/{mount}"')
        config = folder / "emulator.toml"
        config.write_text(demo, encoding="utf-8")
        environment = {
            **plain_environment(folder), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.endpoint, "VENTANILLA_TABLE": table,
        }
        done = subprocess.run([binaries / "ventanilla", "provision", "--config", config], env=environment,
                              capture_output=True, text=True, timeout=60, check=False)
        check(done.returncode == 0, f"provision: {done.stderr.strip()}")
        ok("provision", done.stdout.strip())


# ------------------------------------------------------------------------------------- quick start


class Meta:
    """What Meta sends: callbacks, signed with the app's secret."""

    def __init__(self, base, config):
        self.app, self.channel = config["apps"][0], config["channels"][0]
        self.url = f"{base}/webhooks/meta/{self.app['id']}"

    def body(self, **fields):
        value = {
            "messaging_product": "whatsapp",
            "metadata": {
                "display_phone_number": self.channel["number"].lstrip("+"),
                "phone_number_id": self.channel["phone_number_id"],
            },
            "contacts": [{"profile": {"name": "María Example"}, "wa_id": CUSTOMER}],
            **fields,
        }
        changes = [{"field": "messages", "value": value}]
        entry = [{"id": self.channel["waba_id"], "changes": changes}]
        # Meta escapes what is not ASCII, and slashes; the signature is over just these bytes.
        text = json.dumps({"object": "whatsapp_business_account", "entry": entry}, separators=(",", ":"))
        return text.replace("/", "\\/").encode()

    def post(self, body, secret=None):
        secret = (secret or self.app["app_secret"]).encode()
        signature = f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
        return answer_of("POST", self.url, body, headers)[0]


def quick_start(cloud, resources, config, base, sandbox):
    key = {"Authorization": f"Bearer {config['tenants'][0]['keys'][0]['key']}"}
    meta, now = Meta(base, config), str(int(time.time()))

    def get(path):
        status, body = answer_of("GET", base + path, headers=key)
        check(status == 200, f"GET {path}: {status} {body}")
        return body

    def post(path, body, expected=200, **more):
        headers = {"Content-Type": "application/json", **key, **more}
        status, body = answer_of("POST", base + path, json.dumps(body).encode(), headers)
        check(status == expected, f"POST {path}: {status} {body}")
        return body

    query = urllib.parse.urlencode({
        "hub.mode": "subscribe", "hub.verify_token": meta.app["verify_token"], "hub.challenge": "1158201444",
    })
    status, body = answer_of("GET", f"{meta.url}?{query}")
    check((status, str(body)) == (200, "1158201444"), f"the handshake: {status} {body}")
    ok("GET /webhooks/{provider}/{app}", "the handshake is answered")

    question = "Hola, ¿están abiertos 24/7? 👍"
    text = meta.body(messages=[{
        "from": CUSTOMER, "id": "wamid.EMULATORQUESTION01", "timestamp": now, "type": "text",
        "text": {"body": question},
    }])
    window_opens(sandbox, CUSTOMER, question)
    status = meta.post(text, secret="another-secret")
    check(status == 401, f"a callback with a wrong signature: {status}")
    ok("POST /webhooks/{provider}/{app}", "a wrong signature is refused")
    for _ in range(2):
        status = meta.post(text)
        check(status == 200, f"a signed callback: {status}")
    ok("POST /webhooks/{provider}/{app}", "a customer's text, sent twice as Meta may do")

    status, _ = answer_of("GET", f"{base}/v1/conversations")
    check(status == 401, f"without a key: {status}")
    conversations = get("/v1/conversations")["data"]
    check(len(conversations) == 1, f"not one conversation: {conversations}")
    conversation = conversations[0]
    check(conversation["unread_count"] == 1 and conversation["window"]["open"], f"{conversation}")
    number = int(conversation["id"].removeprefix("conv_"))
    ok("GET /v1/conversations", "one conversation, one unread message, window open; 401 without a key")

    reply, visit = "Sí, hasta las 18:00", "Your technician is on the way"
    answer = post(f"/api/conversations/{number}/reply", {"message": reply})
    check(answer.get("success") is True, f"the reply: {answer}")
    ok("POST /api/conversations/{id}/reply")
    wish = {"phoneNumber": f"+{CUSTOMER}", "content": visit, "requestId": 123}
    answers = [post("/api/whatsapp/send", wish, **{"Idempotency-Key": "visit-123"}) for _ in range(2)]
    check(answers[0] == answers[1] and answers[0].get("success") is True, f"the sends: {answers}")
    ok("POST /api/whatsapp/send", "and the same again under its Idempotency-Key")

    phone = answer_of("GET", f"{sandbox}/sandbox/phones/+{CUSTOMER}")[1]
    got = [message["text"] for message in phone["messages"] if message.get("text") in (reply, visit)]
    check(got == [reply, visit], f"the phone shows {phone['messages']}")
    ok("the phone of the simulated WhatsApp", "both texts, each once")

    listed = get(f"/v1/conversations/{number}/messages")["data"]
    ours = {it["text"]: it for it in listed if it["direction"] == "outbound"}
    texts = sorted(it["text"] for it in listed)
    check(texts == sorted([question, reply, visit]) and set(ours) == {reply, visit}, f"{listed}")
    ok("GET /v1/conversations/{id}/messages", "three messages: " + ", ".join(it["status"] for it in listed))

    wamid = ours[reply]["provider_message_id"]
    status = meta.post(meta.body(statuses=[{
        "id": wamid, "status": "delivered", "timestamp": now, "recipient_id": CUSTOMER,
    }]))
    check(status == 200, f"the status callback: {status}")
    message = get(f"/v1/messages/{ours[reply]['id']}")
    check(message["status"] == "delivered" and message["status_at"]["delivered"], f"{message}")
    ok("POST /webhooks/{provider}/{app}", "a status; GET /v1/messages/{id} shows it as delivered")

    inbox_steps(number, get, post)
    lead_steps(number, get, post)
    file_steps(cloud, meta, base, sandbox, number, key, get, post)
    broadcast_steps(cloud, resources, sandbox, get, post)
    template_steps(cloud, resources, meta, get, post)
    kaleyra_steps(config, base, sandbox, get, post)
    invoke(cloud, resources["Reconcile"], "reconcile-schedule.json")
    schedules = cloud.client("scheduler").list_schedules()["Schedules"]
    check(len(schedules) == 2, f"not two schedules: {schedules}")
    ok("invoke reconcile", "no error; its schedule is there")


def invoke(cloud, function, event):
    payload = (ROOT / "events" / event).read_bytes()
    ran = cloud.client("lambda").invoke(FunctionName=function, Payload=payload)
    answer = ran["Payload"].read().decode()
    check(ran["StatusCode"] == 200 and "FunctionError" not in ran, f"{event}: {answer}")


def reminder(numbers):
    return {
        "templateName": "appointment_reminder", "languageCode": "es",
        "components": [{"type": "body", "parameters": [
            {"type": "text", "text": "Juan"}, {"type": "text", "text": "lunes"},
        ]}],
        "recipients": [{"phoneNumber": number} for number in numbers],
    }


def inbox_steps(number, get, post):
    path = f"/v1/conversations/{number}"
    check(post(f"{path}/assign", {"assignee": "ana"})["assignee"] == "ana", "nobody has it")
    for query in ("assignee=ana", "status=active", "channel_id=1&status=active"):
        listed = [it["id"] for it in get(f"/v1/conversations?{query}")["data"]]
        check(listed == [f"conv_{number}"], f"{query}: {listed}")
    read = post(f"{path}/read", {"typing": "on"})
    # The simulated WhatsApp did not send the message that the script's callback told of, so it takes no receipt.
    check((read["conversation"]["unread_count"], read["receipt"]["state"]) == (0, "failed"), f"{read}")
    check(get("/v1/conversations?unread=true")["data"] == [], "it is on the list of unread ones")
    check(post(f"{path}/close", {})["status"] == "closed", "it is open")
    check(post(f"{path}/reopen", {})["status"] == "active", "it is closed")
    check(len(get("/v1/contacts")["data"]) == 1, "not one contact")
    ok("POST /v1/conversations/{id}/assign, read, close, reopen", "and the lists by assignee, status and channel")
    check(get("/api/conversations")["conversations"][0]["id"] == number, "the PHP bot's list")
    news = get("/api/check-updates?last_check=2026-01-01%2000:00:00")
    check(news["updated_conversations"] == [number], f"{news}")
    check(get("/api/whatsapp/conversations")["data"], "AmbioSys's list")
    ok("GET /api/conversations, /api/check-updates, /api/whatsapp/conversations")


def window_opens(sandbox, customer, text, **more):
    """The customer has written, by the simulated WhatsApp's own record: it would refuse free text to a stranger.

    That they wrote is told by the script, as with every callback here.
    """
    message = json.dumps({"text": text, "webhook": False, **more}).encode()
    status, wrote = answer_of("POST", f"{sandbox}/sandbox/phones/+{customer}/messages", message)
    check(status == 200, f"the customer's message: {status} {wrote}")


def lead_steps(number, get, post):
    told = post("/v1/webhooks/leads", {"id": "crm-7", "name": "María", "phone": f"+{CUSTOMER}"}, expected=201)
    check(told["data"]["lead"]["external_id"] == "crm-7", f"{told}")
    connections = get("/v1/messaging-channel-connections")
    check(connections, "no connections")
    wish = {"content": "Gracias", "messaging_channel_connection_id": 1}
    post("/v1/leads/crm-7/conversations/reply", wish)
    talk = json.dumps(get("/v1/leads/crm-7/conversations"))
    check("Gracias" in talk, f"{talk}")
    ok("POST /v1/webhooks/leads, /v1/leads/{leadID}/conversations/reply", "a lead by the company's own id, and its list")


def file_steps(cloud, meta, base, sandbox, number, key, get, post):
    """One file of ours, and one of the customer's."""

    def download(file):
        request = urllib.request.Request(f"{base}/v1/media/download/{file}", headers=key)
        try:
            STAYING.open(request, timeout=40)
        except urllib.error.HTTPError as answer:
            if answer.code == 409:
                return None
            check(answer.code == 302, f"the download: {answer.code} {answer.read()}")
            # The address wants no key.
            with DIRECT.open(answer.headers["Location"], timeout=40) as found:
                return found.read()
        raise Failed("the download leads nowhere")

    picture = b"\x89PNG\r\n\x1a\nnot much of a picture"
    file = post("/v1/media", {"mime_type": "image/png", "size": len(picture), "file_name": "bill.png"}, expected=201)
    status, said = answer_of("PUT", file["upload_url"], picture, file["headers"])
    check(status == 200, f"the file is not taken: {status} {said}")
    check(download(file["id"]) == picture, "another file")
    post("/v1/messages/send", {"conversationId": f"conv_{number}", "media": file["id"], "caption": "La cuenta"})
    phone = answer_of("GET", f"{sandbox}/sandbox/phones/+{CUSTOMER}")[1]
    check(phone["messages"][-1]["type"] == "image", f"the phone shows {phone['messages'][-1]}")
    ok("POST /v1/media, /v1/messages/send", "a file of ours through the bucket, to the phone")

    # The simulated WhatsApp has the file; that it came is told by us, as with every callback here.
    status, wrote = answer_of("POST", f"{sandbox}/sandbox/phones/+{CUSTOMER}/messages", json.dumps(
        {"type": "image", "image": {"id": "7007", "mime_type": "image/jpeg"}}).encode())
    check(status == 200, f"the customer's file: {status} {wrote}")
    described = answer_of("GET", f"{sandbox}/sandbox/graph/v23.0/7007",
                          headers={"Authorization": f"Bearer {meta.channel['access_token']}"})[1]
    status = meta.post(meta.body(messages=[{
        "from": CUSTOMER, "id": "wamid.EMULATORPICTURE01", "timestamp": str(int(time.time())), "type": "image",
        "image": {"id": "7007", "mime_type": described["mime_type"], "sha256": described["sha256"]},
    }]))
    check(status == 200, f"the callback of a file: {status}")
    newest = get(f"/v1/conversations/{number}/messages?limit=1")["data"][0]
    for _ in range(60):
        found = download(newest["image"]["media_id"])
        if found is not None:
            break
        time.sleep(0.5)
    check(found and hashlib.sha256(found).digest(), "the customer's file is not there")
    ok("GET /v1/media/download/{id}", f"a customer's file of {len(found)} bytes, fetched from the queue")


def broadcast_steps(cloud, resources, sandbox, get, post):
    numbers = [f"+5023200{place:04}" for place in range(60)]
    path, later = "/api/whatsapp/send-template", {"Prefer": "respond-async"}
    summary = post(path, reminder(numbers), expected=202, **later)["summary"]
    check(summary["queued"] == len(numbers), f"the broadcast: {summary}")
    path = f"/v1/broadcasts/{summary['jobId']}"
    for _ in range(120):
        broadcast = get(path)
        if broadcast["state"] != "running":
            break
        time.sleep(0.5)
    check((broadcast["state"], broadcast["counts"]["accepted"]) == ("done", len(numbers)), f"{broadcast}")
    told = get(f"{path}/recipients?limit=100")["data"]
    check([it["phone_number"] for it in told] == numbers, f"{told}")
    for number in (numbers[0], numbers[-1]):
        phone = answer_of("GET", f"{sandbox}/sandbox/phones/{number}")[1]
        check(len(phone["messages"]) == 1, f"the phone {number} shows {phone['messages']}")
    # The sweep would have put the pieces in again after two minutes: so soon it was the sender who did.
    queue = cloud.client("sqs").get_queue_attributes(
        QueueUrl=resources["JobsDlq"], AttributeNames=["ApproximateNumberOfMessages"])
    failed = queue["Attributes"]["ApproximateNumberOfMessages"]
    check(failed == "0", f"{failed} jobs failed")
    ok("GET /v1/broadcasts/{id}", f"{len(numbers)} recipients through the queue and the worker, each once")
    post(f"{path}/cancel", {})
    check(get(path)["counts"]["accepted"] == len(numbers), "a cancelled broadcast forgets what was sent")
    ok("POST /v1/broadcasts/{id}/cancel", "what was sent stays sent")


def template_steps(cloud, resources, meta, get, post):
    summary = post("/api/whatsapp/send-template", reminder([f"+{CUSTOMER}", "+50298765432"]))["summary"]
    check(summary["sent"] == 2, f"the templates: {summary}")
    ok("POST /api/whatsapp/send-template", "two recipients")
    check(len(get("/api/whatsapp/templates")["data"]) > 3, "the list of templates")
    invoke(cloud, resources["SyncTemplates"], "schedule-sync-templates.json")
    ok("GET /api/whatsapp/templates", "and the scheduled sync of every account")
    news = {"event": "PAUSED", "message_template_id": 1, "message_template_name": "appointment_reminder",
            "message_template_language": "es"}
    changes = [{"field": "message_template_status_update", "value": news}]
    entry = {"id": meta.channel["waba_id"], "time": int(time.time()) + 30, "changes": changes}
    status = meta.post(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode())
    check(status == 200, f"the news of a template: {status}")
    listed = {it["name"]: it["status"] for it in get("/api/whatsapp/templates?all=true")["data"]}
    check(listed["appointment_reminder"] == "PAUSED", f"{listed}")
    ok("POST /webhooks/{provider}/{app}", "a template that is paused; the list shows it")


def kaleyra_steps(config, base, sandbox, get, post):
    channel = config["channels"][1]
    path = f"{base}/webhooks/kaleyra/{channel['id']}"
    window_opens(sandbox, "50255566677", "Buenas", to=channel["number"].lstrip("+"))
    query = urllib.parse.urlencode({
        "from": "50255566677", "name": "Luis", "type": "text", "body": "Buenas", "created_at": int(time.time()),
        "wanumber": channel["number"].lstrip("+"),
    })
    check(answer_of("GET", f"{path}/another-callback-secret?{query}")[0] == 401, "a wrong callback secret")
    status, _ = answer_of("GET", f"{path}/{channel['callback_secret']}?{query}")
    check(status == 200, f"Kaleyra's callback: {status}")
    newest = get("/v1/conversations")["data"][0]
    check(newest["channel_id"] == f"ch_{channel['id']}", f"{newest}")
    answer = post(f"/api/conversations/{newest['id'].removeprefix('conv_')}/reply", {"message": "Buenas, ¿en qué le ayudo?"})
    check(answer.get("success") is True, f"the reply through Kaleyra: {answer}")
    ok("ANY /webhooks/{provider}/{channel}/{secret}", "a customer's text, and the reply through Kaleyra")


@contextlib.contextmanager
def emulator(binaries, folder, reading, config):
    """The emulator and the simulated WhatsApp: their addresses."""
    emulated_port, simulated_port = free_port(), free_port()
    endpoint, sandbox = f"http://127.0.0.1:{emulated_port}", f"http://127.0.0.1:{simulated_port}"
    environment = plain_environment(folder)
    with contextlib.ExitStack() as stack:
        stack.enter_context(running(
            "the emulator", [sys.executable, HERE / "leading_keys.py", reading],
            {**environment, "BIND_HOST": "127.0.0.1", "MINISTACK_HOST": "127.0.0.1",
             "GATEWAY_PORT": str(emulated_port), "AWS_ENDPOINT_URL": endpoint, "MINISTACK_REGION": REGION,
             "STATE_DIR": str(folder), "S3_DATA_DIR": str(folder),
             # The functions' roles are enforced; our own key counts as the account's root.
             "AUTH": "true",
             # These would listen on every address of the machine.
             "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "LAMBDA_EXECUTOR": "local",
             # No container engine is looked for.
             "DOCKER_HOST": f"unix://{folder}/none"},
            f"{endpoint}/_ministack/health", folder / "emulator.log",
        ))
        stack.enter_context(running(
            "the simulated WhatsApp",
            [binaries / "ventanilla", "serve", "--memory", "--port", str(simulated_port), "--config", config],
            environment, f"{sandbox}/sandbox/phones", folder / "sandbox.log",
        ))
        yield endpoint, sandbox


def quick_start_on(binaries, folder, path, reading):
    import tomllib

    demo = ROOT / "ventanilla.toml"
    config = tomllib.loads(demo.read_text(encoding="utf-8"))
    with emulator(binaries, folder, reading, demo) as (endpoint, sandbox):
        cloud = Cloud(endpoint)
        resources, outputs = cloud.deploy(emulated(path, endpoint), folder)
        cloud.put_secrets(config, outputs["KeyArn"])
        cloud.check_roles(resources["Inbox"], outputs["TableName"])
        cloud.provision(binaries, folder, outputs["TableName"], f"{sandbox}/sandbox")
        quick_start(cloud, resources, config, outputs["ApiUrl"], sandbox)


def run(binaries, folder, path, readings):
    import chapter

    package(binaries, folder)
    for reading in readings:
        for name, part in (("quick start", quick_start_on), ("docs/deploy.md", chapter.run)):
            print(f"--  {name}, keys of a transaction judged: {reading}", flush=True)
            own = folder / f"{part.__name__}-{reading}"
            own.mkdir()
            for archive in folder.glob("*.zip"):
                (own / archive.name).symlink_to(archive)
            part(binaries, own, path, reading)
            denied = [line for line in (own / "emulator.log").read_text(errors="replace").splitlines()
                      if line.startswith("DENIED")]
            # Of the denials one is wanted: that of `check_roles`.
            wanted = 1 if part is quick_start_on else 0
            check(len(denied) == wanted, f"the roles lack something: {'; '.join(denied[:5])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--debug", action="store_true", help="debug binaries instead of release ones")
    parser.add_argument("--no-build", action="store_true", help="take the binaries as they are")
    parser.add_argument("--binaries", type=pathlib.Path, metavar="DIR", help="take them from here, unbuilt")
    parser.add_argument("--template", type=pathlib.Path, metavar="FILE", default=ROOT / "template.yaml")
    parser.add_argument("--reading", choices=READINGS, help="one way only of judging the keys of a transaction")
    options = parser.parse_args()
    if sys.version_info < (3, 11):
        sys.exit("quickstart.py needs Python 3.11 or newer")
    try:
        in_own_environment()
    except subprocess.SubprocessError as error:
        sys.exit(f"the packages cannot be installed: {error}")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    # A stop asked for from outside cleans up as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    profile = "debug" if options.debug else "release"
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ventanilla-emulator-"))
    try:
        if not options.no_build and options.binaries is None:
            build(profile)
        readings = [options.reading] if options.reading else READINGS
        run((options.binaries or ROOT / "target" / profile).resolve(), folder, options.template.resolve(), readings)
    except Exception as error:  # whatever it is, it is one failed step
        print(f"FAILED  {type(error).__name__}: {error}", file=sys.stderr)
        for log in sorted(folder.rglob("*.log")):
            print(f"-- the end of {log.name}", file=sys.stderr)
            for line in log.read_text(errors="replace").splitlines()[-25:]:
                print(f"   {line}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"All steps hold, after {time.monotonic() - STARTED:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
