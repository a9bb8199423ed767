//! `GET /v1/channels`: the company's numbers.

use axum::response::Response;
use serde::Serialize;

use super::{
    errors::{Reader, answered},
    read,
};
use crate::{
    api::common::{access::Authorized, ids::channel_id},
    domain::{
        channel::{Access, Channel, ChannelName},
        id::ChannelId,
        time::Timestamp,
    },
};

/// `Channel` of openapi.yaml.
#[derive(Debug, Serialize)]
struct ChannelView {
    id: String,
    name: Option<ChannelName>,
    phone_number: String,
    provider: &'static str,
    default: bool,
    disabled_at: Option<String>,
}

pub(super) async fn list(Authorized { app, caller, .. }: Reader) -> Response {
    let found = async {
        let tenant = app.core.directory.tenant(&caller.tenant).await?;
        let default = tenant.map(|tenant| tenant.default_channel);
        let channels = app.core.directory.channels_of(&caller.tenant).await?;
        let data = channels.iter().map(|it| channel(it, default)).collect();
        Ok(read::page(data, None::<&ChannelId>))
    };
    answered(found.await)
}

fn channel(it: &Channel, default: Option<ChannelId>) -> ChannelView {
    ChannelView {
        id: channel_id(it.id),
        name: it.name.clone(),
        phone_number: it.number.e164(),
        provider: match it.access {
            Access::Meta(_) => "meta",
            Access::Kaleyra(_) => "kaleyra",
        },
        default: default == Some(it.id),
        disabled_at: it.disabled_at.map(Timestamp::iso_millis),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_channel_is_shown_by_its_number_and_without_what_opens_it() {
        let mut it: Channel = serde_json::from_value(json!({
            "id": 7, "tenant": "acme", "number": "50212345678", "provider": "kaleyra", "api": "v1",
            "base_url": "https://api.example",
        }))
        .unwrap();
        let shown = |it: &Channel, default: &str| json!(channel(it, Some(default.parse().unwrap())));
        let mut expected = json!({
            "id": "ch_7", "name": null, "phone_number": "+50212345678", "provider": "kaleyra", "default": true,
            "disabled_at": null,
        });
        assert_eq!(shown(&it, "7"), expected);
        it.name = Some("Sales".parse().unwrap());
        it.disabled_at = Some(Timestamp::from_millis(0));
        expected["name"] = json!("Sales");
        expected["default"] = json!(false);
        expected["disabled_at"] = json!("1970-01-01T00:00:00.000Z");
        assert_eq!(shown(&it, "8"), expected);
    }
}
