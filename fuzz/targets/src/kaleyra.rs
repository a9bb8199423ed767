//! Kaleyra's callbacks, from query and body to their items.

use http::HeaderMap;
use secrecy::SecretString;
use ventanilla::{
    domain::{
        channel::Origin,
        id::ChannelId,
        inbound::Item,
        raw::{RawItem, RawOwner},
        time::Timestamp,
    },
    whatsapp::{
        kaleyra::{
            KaleyraSecret,
            webhook::{KaleyraWebhooks, authenticate, split},
        },
        webhook::{WebhookCall, Webhooks},
    },
};

const SECRET: &str = "callback-secret";

/// When every callback arrives, in milliseconds.
const ARRIVAL: i64 = 1_772_533_800_000;

/// A callback of Kaleyra: its query up to the first line end, then its body.
///
/// # Panics
/// When another secret than the right one is taken, when no item comes out of the callback, or when the raw
/// text of an item is not a callback that says the same and nothing else.
pub fn kaleyra_callback(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (query, rest) = data.split_at(end);
    let body = rest.get(1..).unwrap_or_default();
    refuses_other_secrets(&String::from_utf8_lossy(body));
    let items = items_of(&String::from_utf8_lossy(query), body);
    assert!(!items.is_empty(), "a callback without items");
    for item in &items {
        let again = KaleyraWebhooks.read_again(&kept(item));
        let same = matches!(again.as_slice(), [only] if only.says == item.says);
        assert!(same, "taken in again it says something else: {}", item.raw);
    }
}

#[expect(clippy::expect_used, reason = "a panic is how a target tells what it found")]
fn items_of(query: &str, body: &[u8]) -> Vec<Item> {
    let headers = HeaderMap::new();
    let call = WebhookCall { path_secret: Some(SECRET), headers: &headers, query, body };
    let webhook = authenticate(call, &secret()).expect("the right secret is taken");
    split(&webhook, channel(), Timestamp::from_millis(ARRIVAL))
}

fn refuses_other_secrets(given: &str) {
    for wrong in ["", "callback-secre", "callback-secret ", "Callback-secret", given] {
        let headers = HeaderMap::new();
        let call = WebhookCall { path_secret: Some(wrong), headers: &headers, query: "", body: b"" };
        let taken = authenticate(call, &secret()).is_ok();
        assert!(!taken || wrong == SECRET, "{wrong:?} was taken");
    }
}

fn secret() -> KaleyraSecret {
    KaleyraSecret {
        sid: "HX".to_owned(),
        api_key: "key".into(),
        callback: vec![SecretString::from(SECRET)],
        callback_header: None,
    }
}

#[expect(clippy::expect_used, reason = "2 is an id")]
fn channel() -> ChannelId {
    ChannelId::try_from(2).expect("2 is an id")
}

/// The item as the archive has it.
fn kept(item: &Item) -> RawItem {
    let (origin, at) = (Origin::Channel(channel()), Timestamp::from_millis(ARRIVAL));
    RawItem { owner: RawOwner::Sender(origin.clone()), origin, at, expires_at: at, body: item.raw.clone() }
}
