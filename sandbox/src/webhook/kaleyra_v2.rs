//! The callbacks of Kaleyra's V2: what Meta says, in an envelope of Kaleyra's.

use serde_json::{Map, Value, json};

use super::{Inbound, Series, meta, statuses::NotSent};
use crate::{BusinessNumber, ids, phone::Status};

/// A customer's message. What it answers, Kaleyra tells in `ref` and `reply_to`; here they are always
/// empty, as they are for a message that answers nothing.
pub(super) fn inbound(number: &BusinessNumber, inbound: &Inbound) -> Value {
    let info = json!({
        "media_url": inbound.media_url.as_deref().unwrap_or_default(),
        "ref": "",
        "ref1": "",
        "ref2": "",
        "reply_to": "",
        "trace_id": ids::uuid(),
        "waba_id": number.waba_id,
    });
    json!({"meta_object": change(&meta::inbound(number, inbound)), "extra_info": info})
}

/// A status of a message of the business.
///
/// The documents show three ids here and do not tell which of them, if any, the answer to the call
/// has given. The sandbox plays the hardest reading: none. `statuses[].id` is an id of its own, the
/// others are the message's id at Meta, and only the `ref` fields lead back to the call.
pub(super) fn status(number: &BusinessNumber, series: &Series, status: Status, at: i64) -> Value {
    if let Some(not_sent) = &series.not_sent {
        return never_passed_on(series, not_sent, status);
    }
    let mut info = Map::new();
    info.insert("trace_id".into(), ids::uuid().into());
    info.insert("message_id".into(), series.wamid.as_str().into());
    info.insert("waba_id".into(), number.waba_id.as_str().into());
    info.extend(refs(series, status));
    info.insert("enable_url_tracking_body".into(), false.into());
    info.insert("enable_url_tracking_button".into(), false.into());
    json!({
        "meta_object": change(&meta::status(number, series, status, at)),
        "extra_info": info,
        "status": status.as_str(),
        "message_id": series.wamid,
    })
}

/// The flat word that Kaleyra has kept a message to itself. Its sample shows an id of Meta's even so.
fn never_passed_on(series: &Series, not_sent: &NotSent, status: Status) -> Value {
    json!({
        "code": not_sent.code,
        "status": "not sent",
        "reason": not_sent.reason,
        "message_id": series.wamid,
        "extra_info": refs(series, status),
    })
}

fn refs(series: &Series, status: Status) -> Map<String, Value> {
    if series.is_bare(status) { Map::new() } else { series.trail.refs.fields() }
}

fn change(value: &Value) -> Value {
    json!({"value": value, "field": "messages"})
}
