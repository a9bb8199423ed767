//! Kaleyra's callbacks (facts: kaleyra.md 4). They have no signature: a secret in their address proves
//! them. API V2 wraps Meta's change into an object of its own; V1 has flat fields, in a query, a form or
//! JSON.

mod admit;
mod flat;
mod object;
mod told;

pub use admit::{Admitted, NotAdmitted, admit, archived};
pub use told::Told;

use serde_json::Value;

use crate::{
    callback::lenient::text,
    domain::{
        delivery::FactKind,
        id::{ChannelId, LineId, Wamid},
        inbound::{Item, Says},
        message::MessageAddress,
        time::Timestamp,
    },
};

/// The items of a callback for a channel: at least one. `now` is the time of arrival, for items that name
/// no time.
#[must_use]
pub fn split(admitted: &Admitted, channel: ChannelId, now: Timestamp) -> Vec<Item> {
    let told = admitted.told();
    let line = LineId::of_channel(channel);
    match told.get("meta_object") {
        Some(Value::Array(changes)) if !changes.is_empty() => {
            changes.iter().flat_map(|change| object::items(told, change, &line, now)).collect()
        }
        Some(change @ Value::Object(_)) => object::items(told, change, &line, now),
        _ => vec![flat::item_of(told, line, now)],
    }
}

fn item(line: LineId, kind: String, says: Option<Says>, raw: &Value) -> Item {
    Item { line: Some(line), kind, says: says.unwrap_or(Says::Other), raw: raw.to_string() }
}

/// The state that Kaleyra's word stands for. The documents write it in capitals or not, with a space or
/// a hyphen, and V1 has `0` for failed (facts: kaleyra.md 4.4 and 4.5).
fn state(word: &str) -> Option<FactKind> {
    match word.trim().to_ascii_lowercase().replace([' ', '_'], "-").as_str() {
        "0" | "not-sent" => Some(FactKind::Failed),
        other => FactKind::from_word(other),
    }
}

/// What leads to a message of ours: our own reference, and every id that is told for it.
struct Trail {
    echo: Option<MessageAddress>,
    ids: Vec<Wamid>,
}

impl Trail {
    /// Looks in `extra_info` as well as beside it.
    fn of(told: &Value, fields: &[&str]) -> Self {
        let extra = told.get("extra_info").unwrap_or(&Value::Null);
        let echo = [extra, told].iter().find_map(|place| MessageAddress::from_echo(&text(place, "ref")?));
        let mut ids = Vec::new();
        for id in [told, extra].iter().flat_map(|place| fields.iter().filter_map(|field| text(place, field)))
        {
            ids.extend(Wamid::of_kaleyra(&id).filter(|id| !ids.contains(id)));
        }
        Self { echo, ids }
    }
}
