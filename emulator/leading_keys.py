"""Starts MiniStack so that it judges `dynamodb:LeadingKeys`, which it does not know by itself.

Usage: leading_keys.py item|together

AWS documents which keys a call has for this condition only for calls on single items. Of a transaction or a batch it can
be read in two ways: each item is judged by its own key (`item`), or each by the keys of all of them (`together`). The
permissions must hold under both.
"""
import contextvars
import json
import re
import sys

import ministack.core.iam_actions as actions
import ministack.core.iam_evaluator as evaluator

READING = sys.argv.pop()
CONDITION = "dynamodb:leadingkeys"
# By index: the attribute that is its partition key.
PARTITIONS = {None: "pk", "lists": "g1pk", "by-status": "g2pk", "by-assignee": "g3pk", "unread": "g4pk"}
MEMBERS = ("ConditionCheck", "Put", "Update", "Delete", "Get")

# The keys that the next checks of a call are made with, one list for each check; none for calls of other services.
checks = contextvars.ContextVar("checks", default=None)


def of_item(detail):
    """The partition key of a part of a call that names one item."""
    item = detail.get("Key") or detail.get("Item") or {}
    return item["pk"]["S"] if "pk" in item else None


def of_query(call):
    """The partition key that a query asks for."""
    names, values = call.get("ExpressionAttributeNames", {}), call.get("ExpressionAttributeValues", {})
    wanted = PARTITIONS[call.get("IndexName")]
    for name, value in re.findall(r"([#\w]+)\s*=\s*(:\w+)", call["KeyConditionExpression"]):
        if names.get(name, name) == wanted:
            return values[value]["S"]
    raise ValueError(f"a query without {wanted}: {call['KeyConditionExpression']}")


def of_batch(call):
    """The partition keys of a batch, in its order."""
    for requests in call["RequestItems"].values():
        for part in requests["Keys"] if isinstance(requests, dict) else requests:
            write = part.get("PutRequest") or part.get("DeleteRequest")
            yield of_item(write or {"Key": part})


def keys_of(call):
    """The keys of a call that is checked once for each of them, or for all."""
    if "TransactItems" in call:
        return [of_item(part[name]) for part in call["TransactItems"] for name in MEMBERS if name in part]
    if "RequestItems" in call:
        return list(of_batch(call))
    if "KeyConditionExpression" in call:
        return [of_query(call)]
    return [key for key in [of_item(call)] if key is not None]


service_context, enforce = actions.dynamodb_service_context, evaluator.enforce


def with_keys(body):
    call = json.loads(body or b"{}")
    keys = keys_of(call)
    if not keys:
        checks.set(None)
    elif READING == "together":
        checks.set({"keys": keys, "turn": None})
    else:
        # A transaction is checked item by item, any other call once: then for each of its keys.
        checks.set({"keys": keys, "turn": 0 if "TransactItems" in call else None})
    return service_context(body)


def judged(access_key, action, service, region, *, service_context=None, **more):
    state = checks.get()
    if service != "dynamodb" or state is None:
        return enforce(access_key, action, service, region, service_context=service_context, **more)
    if READING == "together":
        groups = [state["keys"]]
    elif state["turn"] is None:
        groups = [[key] for key in state["keys"]]
    else:
        groups = [[state["keys"][state["turn"]]]]
        state["turn"] += 1
    for group in groups:
        context = {**(service_context or {}), CONDITION: group}
        denied = enforce(access_key, action, service, region, service_context=context, **more)
        if denied:
            print(f"DENIED {action} with the keys {group}", flush=True)
            return denied
    return None


assert READING in ("item", "together"), __doc__
actions.dynamodb_service_context, evaluator.enforce = with_keys, judged

from ministack.app import main  # noqa: E402  (what it imports is put right above)

main()
