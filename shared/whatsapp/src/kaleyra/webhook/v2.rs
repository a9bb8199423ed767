//! API V2: Meta's change within an object of Kaleyra's (facts: kaleyra.md 4.3 and 4.5).

use serde_json::{Value, json};

use super::{Trail, item, link, placeholder::filled};
use crate::meta::webhook as meta;
use ventanilla_core::domain::{
    id::{InboundAddress, Wamid},
    inbound::{Item, PaymentReport, Says, StatusReport},
    time::Timestamp,
};

/// The items of the changes in one webhook.
pub(super) fn items(
    payload: &Value,
    changes: &[Value],
    inbound_address: &InboundAddress,
    now: Timestamp,
) -> Vec<Item> {
    // The fields beside the changes are about their only status; with several, it is unknown about which.
    let statuses: usize = changes.iter().map(|change| count_in(change, "statuses")).sum();
    let trail = (statuses == 1).then(|| Trail::of(&filled(payload), &["message_id"]));
    let messages: usize = changes.iter().map(|change| count_in(change, "messages")).sum();
    let mut shell = if statuses > 1 { json!({ "beside": beside(payload) }) } else { beside(payload) };
    // With several messages it is unknown whose file that is: it gets an item of its own.
    let whose = (messages > 1)
        .then(|| shell.get_mut("extra_info").and_then(Value::as_object_mut)?.remove("media_url"))
        .flatten()
        .map(|link| {
            item(
                inbound_address.clone(),
                "kaleyra/v2/media_url",
                Says::Other,
                &json!({ "extra_info": { "media_url": link } }),
            )
        });
    let origin = shell.get("extra_info").and_then(|extra| link(&filled(extra)));
    let item_of = |part: meta::Part| {
        let mut raw = shell.clone();
        if let Some(object) = raw.as_object_mut() {
            object.insert("meta_object".to_owned(), part.change);
        }
        let says = match part.says {
            Says::Status(report) => Says::Status(Box::new(led(*report, trail.as_ref()))),
            Says::Payment(report) => Says::Payment(Box::new(paid(*report, trail.as_ref()))),
            Says::Message(mut message) => {
                // Meta's id is of no use here, because the file is fetched from Kaleyra (facts: kaleyra.md
                // 6).
                if let Some(file) = &mut message.file {
                    file.origin.clone_from(&origin);
                }
                Says::Message(message)
            }
            says => says,
        };
        item(inbound_address.clone(), &format!("kaleyra/v2/{}", part.kind), says, &raw)
    };
    changes.iter().flat_map(|change| parts(change, now)).map(item_of).chain(whose).collect()
}

/// The parts of a change as they came, each with its meaning once the unfilled variables are absent.
fn parts(change: &Value, now: Timestamp) -> Vec<meta::Part> {
    let mut parts = meta::of_change(change, now);
    let filled = filled(&json!({ "meta_object": change }));
    let filled = filled.get("meta_object").unwrap_or(change);
    if filled != change {
        let mut read = meta::of_change(filled, now).into_iter().map(|part| part.says);
        for part in &mut parts {
            part.says = read.next().unwrap_or(Says::Other);
        }
    }
    parts
}

/// How many entries of a list a change has, understood or not.
fn count_in(change: &Value, list: &str) -> usize {
    let listed = change.get("value").and_then(|value| value.get(list));
    listed.and_then(Value::as_array).map_or(0, Vec::len)
}

/// A status with its ids in one spelling, and with the other references to its message.
fn led(mut report: StatusReport, trail: Option<&Trail>) -> StatusReport {
    report.wamid = Wamid::of_kaleyra(report.wamid.as_str()).unwrap_or(report.wamid);
    if let Some(trail) = trail {
        report.echo = report.echo.or(trail.echo);
        report.aliases = trail.ids.iter().filter(|id| **id != report.wamid).cloned().collect();
    }
    report
}

/// A payment in the same way.
fn paid(mut report: PaymentReport, trail: Option<&Trail>) -> PaymentReport {
    report.wamid = Wamid::of_kaleyra(report.wamid.as_str()).unwrap_or(report.wamid);
    if let Some(trail) = trail {
        report.echo = report.echo.or(trail.echo);
        report.aliases = trail.ids.iter().filter(|id| **id != report.wamid).cloned().collect();
    }
    report
}

/// A webhook without its changes.
fn beside(payload: &Value) -> Value {
    let mut rest = payload.as_object().cloned().unwrap_or_default();
    rest.remove("meta_object");
    rest.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbound_address() -> InboundAddress {
        InboundAddress::of_channel("2".parse().unwrap())
    }

    fn status(extra: &Value) -> Value {
        let status = json!({ "id": "0a1b", "status": "sent", "timestamp": "1772533800", "recipient_id": "50212345678" });
        json!({
            "meta_object": { "value": { "metadata": { "phone_number_id": "9" }, "statuses": [status] }, "field": "messages" },
            "extra_info": extra, "status": "sent", "message_id": "wamid.B",
        })
    }

    fn only(payload: &Value) -> Item {
        let mut items =
            items(payload, &[payload["meta_object"].clone()], &inbound_address(), Timestamp::from_millis(0));
        assert_eq!(items.len(), 1);
        items.remove(0)
    }

    #[test]
    fn a_status_brings_our_reference_and_all_its_ids() {
        let payload = status(&json!({ "ref": "v1.7.1772533800123.9", "message_id": "A7:1" }));
        let Says::Status(report) = only(&payload).says else { panic!() };
        let ids: Vec<&str> = report.aliases.iter().map(Wamid::as_str).collect();
        assert_eq!((report.wamid.as_str(), ids), ("0a1b", vec!["wamid.B", "A7"]));
        assert_eq!(report.echo.map(|echo| echo.id.get()), Some(9));
    }

    #[test]
    fn of_two_changes_with_a_status_each_none_gets_it_either() {
        let payload = status(&json!({ "ref": "v1.7.1772533800123.9" }));
        let change = payload["meta_object"].clone();
        for item in items(&payload, &[change.clone(), change], &inbound_address(), Timestamp::from_millis(0))
        {
            assert!(
                matches!(item.says, Says::Status(report) if report.echo.is_none() && report.aliases.is_empty())
            );
        }
    }

    #[test]
    fn of_several_statuses_none_gets_the_fields_beside_them() {
        let mut payload = status(&json!({ "ref": "v1.7.1772533800123.9" }));
        let statuses = payload.pointer_mut("/meta_object/value/statuses").unwrap().as_array_mut().unwrap();
        statuses.push(json!({ "id": "0a1c", "status": "sent" }));
        let now = Timestamp::from_millis(0);
        for item in items(&payload, &[payload["meta_object"].clone()], &inbound_address(), now) {
            let Says::Status(report) = &item.says else { panic!() };
            assert!(report.echo.is_none() && report.aliases.is_empty());
            let raw: Value = serde_json::from_str(&item.raw).unwrap();
            assert!(items(&raw, &[raw["meta_object"].clone()], &inbound_address(), now) == [item]);
        }
    }

    #[test]
    fn a_foreign_reference_is_none_of_ours() {
        let Says::Status(report) = only(&status(&json!({ "ref": "customer1" }))).says else { panic!() };
        assert_eq!(report.echo, None);
    }

    #[test]
    fn an_items_raw_text_says_the_same_again() {
        let mut original = status(&json!({ "ref": "v1.7.1772533800123.9" }));
        original["meta_object"]["value"]["messages"] =
            json!([{ "id": "wamid.C", "from": "50212345678", "type": "text", "text": { "body": "x" } }]);
        let now = Timestamp::from_millis(0);
        let all = items(&original, &[original["meta_object"].clone()], &inbound_address(), now);
        assert_eq!(all.len(), 2);
        for item in all {
            assert_eq!(item.inbound_address, Some(inbound_address()));
            let raw: Value = serde_json::from_str(&item.raw).unwrap();
            let again = items(&raw, &[raw["meta_object"].clone()], &inbound_address(), now);
            assert!(again.len() == 1 && again[0] == item, "{}", item.raw);
        }
    }
}
