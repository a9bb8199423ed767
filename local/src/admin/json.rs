//! The JSON of records in the output of commands.

use serde_json::{Value, json};
use ventanilla::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::Channel,
        health_check::{ChannelCheck, Connectivity},
        id::TemplateAccountId,
        time::Timestamp,
    },
    whatsapp::registry::Registry,
};

/// The digits of a key's hash in its id.
const KEY_ID: usize = 12;

pub(super) fn tenant(it: &Tenant) -> Value {
    json!({
        "id": it.id,
        "default_channel": it.default_channel,
        "handoff_phrases": it.handoff_phrases,
        "closing": it.closing,
        "bot": it.bot,
    })
}

/// The id of a key: the beginning of its hash.
pub(super) fn key_id(hash: &KeyHash) -> &str {
    hash.as_str().get(..KEY_ID).unwrap_or_default()
}

/// An API key without its secret.
pub(super) fn key(hash: &KeyHash, it: &ApiKey) -> Value {
    json!({
        "id": key_id(hash),
        "name": it.name,
        "tenant": it.tenant,
        "scopes": it.scopes,
        "kind": it.kind,
        "created_at": instant(it.created_at),
        "revoked_at": instant(it.revoked_at),
    })
}

/// A channel without its credentials.
pub(super) fn channel(it: &Channel, check: Option<&ChannelCheck>) -> Value {
    let mut view = json!({
        "id": it.id,
        "tenant": it.tenant,
        "provider": it.access.provider(),
        "number": it.number.e164(),
        "name": it.name,
        "waba_id": it.template_account.as_ref().map(TemplateAccountId::as_str),
        "throughput": it.throughput,
        "disabled_at": instant(it.disabled_at),
        "last_check": check.map(|check| json!({
            "checked_at": instant(Some(check.checked_at)),
            "outcome": check.outcome,
            "connected": connected(check),
        })),
    });
    let provider = Registry::default().find(it.access.provider());
    if let (Some(view), Some(provider)) = (view.as_object_mut(), provider) {
        view.extend(provider.shown(&it.access));
    }
    view
}

/// `None` if the check could not query the provider.
fn connected(check: &ChannelCheck) -> Option<bool> {
    match check.connection() {
        Connectivity::Connected => Some(true),
        Connectivity::NotConnected => Some(false),
        Connectivity::Unknown => None,
    }
}

pub(super) fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::iso_seconds)
}

/// An instant for text output; a dash if absent.
pub(super) fn instant_or_dash(at: Option<Timestamp>) -> String {
    instant(at).unwrap_or_else(|| "-".to_owned())
}
