//! One delivery state (facts: meta.md 4.6).

use serde_json::Value;

use super::customer::addresses;
use crate::callback::lenient::{AHEAD, first_text, list, seconds, text};
use crate::domain::{
    delivery::{Fact, FactKind, Price},
    id::Wamid,
    inbound::StatusReport,
    message::MessageAddress,
    rejection::ProviderCode,
    time::Timestamp,
    words::scrubbed,
};

/// A delivery state; `None` for words not known to us, which are kept as they came.
pub(super) fn report(entry: &Value, now: Timestamp) -> Option<StatusReport> {
    let kind = FactKind::from_word(&text(entry, "status")?)?;
    let error = list(entry, "errors").first();
    let recipient = addresses("statuses", entry);
    let price = entry.get("pricing").filter(|pricing| pricing.is_object()).map(price);
    Some(StatusReport {
        wamid: Wamid::try_from(text(entry, "id")?.into_owned()).ok()?,
        aliases: Vec::new(),
        kind,
        fact: Fact {
            at: seconds(entry, "timestamp").unwrap_or(now).min(now.plus(AHEAD)),
            error_code: error.and_then(|error| text(error, "code")).map(|code| ProviderCode::of(&code)),
            error: error.and_then(explanation),
            price,
        },
        recipient: recipient.number,
        recipient_user: recipient.bsuid,
        recipient_parent: recipient.parent,
        echo: text(entry, "biz_opaque_callback_data").and_then(|echo| MessageAddress::from_echo(&echo)),
    })
}

/// Longest word of a price that is kept, in characters.
const PRICE_WORD: usize = 64;

fn price(told: &Value) -> Price {
    let part = |name| text(told, name).map(|word| word.chars().take(PRICE_WORD).collect());
    Price {
        kind: part("type"),
        category: part("category"),
        model: part("pricing_model"),
        billable: told.get("billable").and_then(Value::as_bool),
        amount: None,
    }
}

fn explanation(error: &Value) -> Option<String> {
    let details = error.get("error_data").and_then(|data| text(data, "details"));
    let found = details.or_else(|| first_text(error, &["message", "title"]))?;
    Some(scrubbed(&found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_explanation_of_a_failure_tells_no_number() {
        let told = json!({ "status": "failed", "id": "wamid.X", "timestamp": "1772533800", "errors": [
            { "code": 131_026, "title": "Undeliverable", "error_data": { "details": "+502 1234-5678 is not reachable" } }
        ] });
        let report = report(&told, Timestamp::from_seconds(1_772_533_801)).unwrap();
        assert_eq!(report.fact.error.as_deref(), Some("…78 is not reachable"));
        assert_eq!(report.fact.error_code, Some(131_026.into()));
    }
}
