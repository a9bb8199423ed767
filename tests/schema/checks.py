"""What must hold of every answer besides what Schemathesis looks at by itself."""
import json

import schemathesis

# What a client did nothing for; none of it happens at a server that is left alone.
OUR_FAULT = {"unavailable", "sent_not_recorded", "provider_down", "provider_fault", "outcome_unknown"}


@schemathesis.check
def no_fault_of_ours(_ctx, response, _case):
    """The PHP bot answers every failure with 500; whose fault it is stands in the code that we add."""
    if response.status_code == 500:
        code = json.loads(response.content).get("code")
        assert code and code not in OUR_FAULT, f"500 with the code {code}"


@schemathesis.check
def a_request_id(_ctx, response, _case):
    """Every answer can be found again in the logs."""
    assert response.headers.get("x-request-id"), "no X-Request-Id"
