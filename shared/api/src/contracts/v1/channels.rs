//! `GET /v1/channels` and `GET /v1/channels/{id}`: the company's numbers with their health.

use axum::response::Response;
use serde::Serialize;

use super::{
    errors::{Reader, answered},
    read::number,
};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{Failure, Missing, access::Authorized, ids::channel_id, request::PathParams};
use ventanilla_core::{
    domain::{
        channel::ChannelName,
        health_check::{ChannelCheck, CheckOutcome, Connectivity as Checked},
        time::Timestamp,
    },
    usecases::channels::ChannelStatus,
};

/// The value of an unknown quality.
const UNKNOWN: &str = "unknown";

/// All channels, on one page.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ChannelPage", deny_unknown_fields))]
pub(super) struct ChannelPage {
    data: Vec<ChannelView>,
    #[cfg_attr(feature = "schema", schemars(with = "schema::NextCursor"))]
    next_cursor: Option<String>,
}

/// One of the company's numbers at a provider. Expect new fields.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Channel"))]
pub(super) struct ChannelView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ChannelId"))]
    id: String,
    /// What the company calls it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", length(max = 100)))]
    name: Option<ChannelName>,
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[1-9][0-9]{7,14}$")))]
    phone_number: String,
    /// Who carries its messages: `meta` or `kaleyra`. Expect new ones.
    provider: String,
    /// Whether it is used where a request names no channel.
    default: bool,
    /// Since when it sends nothing because an operator disabled it; null while it may.
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    disabled_at: Option<String>,
    health: HealthView,
}

/// What the last check of the channel left.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ChannelHealth"))]
struct HealthView {
    status: ConnectionState,
    /// What customers think of its messages, as the provider told, like `green`; `unknown` where it did not.
    quality: String,
    /// How many customers it may write to first in 24 hours, in the provider's word; null where it did not tell.
    messaging_limit: Option<String>,
    /// How the check ended; null where there was none.
    outcome: Option<CheckOutcome>,
    /// When it was checked; null where it never was.
    #[cfg_attr(feature = "schema", schemars(with = "schema::MaybeInstant"))]
    checked_at: Option<String>,
}

/// `connected`, the provider said nothing against it; `not_connected`, it did, in this check or before; `unknown`, it was
/// never asked, or did not answer.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum ConnectionState {
    Connected,
    NotConnected,
    Unknown,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader) -> Response {
    let found = async {
        let all = app.core.channels.connections(&caller.tenant).await?;
        Ok(ChannelPage { data: all.iter().map(channel).collect(), next_cursor: None })
    };
    answered(found.await)
}

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async {
        let found = app.core.channels.connection(&caller.tenant, number(&params)?).await?;
        found.as_ref().map(channel).ok_or(Failure::NotFound(Missing::Channel))
    };
    answered(found.await)
}

fn channel(it: &ChannelStatus) -> ChannelView {
    let ChannelStatus { channel, check, .. } = it;
    ChannelView {
        id: channel_id(channel.id),
        name: channel.name.clone(),
        phone_number: channel.number.e164(),
        provider: channel.access.provider().to_owned(),
        default: it.is_default,
        disabled_at: channel.disabled_at.map(Timestamp::iso_millis),
        health: health(check.as_ref()),
    }
}

fn health(check: Option<&ChannelCheck>) -> HealthView {
    let quality = check.and_then(|check| check.quality.as_deref());
    HealthView {
        status: match check.map(ChannelCheck::connection) {
            Some(Checked::Connected) => ConnectionState::Connected,
            Some(Checked::NotConnected) => ConnectionState::NotConnected,
            Some(Checked::Unknown) | None => ConnectionState::Unknown,
        },
        quality: quality.map_or_else(|| UNKNOWN.to_owned(), str::to_ascii_lowercase),
        messaging_limit: check.and_then(|check| check.messaging_limit.clone()),
        outcome: check.map(|check| check.outcome),
        checked_at: check.map(|check| check.checked_at.iso_millis()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use ventanilla_core::{domain::health_check::CheckAnswer, usecases::channels::ChannelHealth};

    fn of_kaleyra(is_default: bool, check: Option<ChannelCheck>) -> ChannelStatus {
        let channel = serde_json::from_value(json!({
            "id": 7, "tenant": "acme", "number": "50212345678", "provider": "kaleyra", "api": "v1",
            "base_url": "https://api.example",
        }));
        ChannelStatus { channel: channel.unwrap(), is_default, health: ChannelHealth::Connected, check }
    }

    #[test]
    fn an_unchecked_channel_is_unknown_and_shows_no_credentials() {
        let mut it = of_kaleyra(true, None);
        let mut expected = json!({
            "id": "ch_7", "name": null, "phone_number": "+50212345678", "provider": "kaleyra", "default": true,
            "disabled_at": null,
            "health": {
                "status": "unknown", "quality": "unknown", "messaging_limit": null, "outcome": null, "checked_at": null,
            },
        });
        assert_eq!(json!(channel(&it)), expected);
        it.channel.name = Some("Sales".parse().unwrap());
        it.channel.disabled_at = Some(Timestamp::from_millis(0));
        expected["name"] = json!("Sales");
        expected["disabled_at"] = json!("1970-01-01T00:00:00.000Z");
        assert_eq!(json!(channel(&it)), expected);
    }

    #[test]
    fn its_health_is_the_result_of_the_last_check() {
        let check = ChannelCheck {
            tenant: "acme".parse().unwrap(),
            channel: "7".parse().unwrap(),
            checked_at: Timestamp::from_millis(1),
            outcome: CheckOutcome::Warned,
            barred: Some([].into()),
            answer: CheckAnswer::Reported,
            quality: Some("YELLOW".to_owned()),
            messaging_limit: Some("TIER_2K".to_owned()),
            rev: 1,
        };
        let shown = |check: ChannelCheck| json!(channel(&of_kaleyra(false, Some(check))))["health"].clone();
        let mut expected = json!({
            "status": "connected", "quality": "yellow", "messaging_limit": "TIER_2K", "outcome": "warned",
            "checked_at": "1970-01-01T00:00:00.001Z",
        });
        assert_eq!(shown(check.clone()), expected);
        expected["status"] = json!("unknown");
        assert_eq!(shown(ChannelCheck { answer: CheckAnswer::NotReported, ..check.clone() }), expected);
        expected["status"] = json!("not_connected");
        let barred = Some([ventanilla_core::domain::health_check::Aspect::Token].into());
        assert_eq!(shown(ChannelCheck { barred, ..check }), expected);
    }
}
