//! The webhooks of Kaleyra's V2: Meta's payload in an envelope of Kaleyra's.

use serde_json::{Map, Value, json};

use super::{InboundMessage, StatusSeries, meta, statuses::NotSent};
use crate::{BusinessNumber, ids, phone::Status};

/// A customer's message. Kaleyra says in `ref` and `reply_to` which message it answers; here they are always empty, as
/// for a message that answers none.
pub(super) fn inbound(number: &BusinessNumber, inbound: &InboundMessage) -> Value {
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
/// The documents show three ids here and do not say which of them, if any, is the one in the response to the send. The
/// sandbox takes the hardest reading: none. `statuses[].id` is an id of its own, the others are Meta's message id, and
/// only the `ref` fields identify the send.
pub(super) fn status(number: &BusinessNumber, series: &StatusSeries, status: Status, at: i64) -> Value {
    if let Some(not_sent) = &series.not_sent {
        return not_sent_body(series, not_sent, status);
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

/// The flat body for a message that Kaleyra never passed to Meta. Kaleyra's sample contains a message id of Meta's even
/// so.
fn not_sent_body(series: &StatusSeries, not_sent: &NotSent, status: Status) -> Value {
    json!({
        "code": not_sent.code,
        "status": "not sent",
        "reason": not_sent.reason,
        "message_id": series.wamid,
        "extra_info": refs(series, status),
    })
}

fn refs(series: &StatusSeries, status: Status) -> Map<String, Value> {
    if series.omits_callback_data(status) { Map::new() } else { series.correlation.refs.fields() }
}

fn change(value: &Value) -> Value {
    json!({"value": value, "field": "messages"})
}
