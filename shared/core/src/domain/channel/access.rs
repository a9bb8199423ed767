//! The way to a channel's provider: what a row keeps of it, and what the rules ask about it.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::{
    id::{AppId, PhoneNumberId},
    phone::Phone,
};

/// The way to a channel's provider. Rules ask it what the provider [supports](Access::supports), never which one it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case")]
pub enum Access {
    /// WhatsApp Cloud API, or any host that speaks it.
    Meta(MetaAccess),
    /// Kaleyra, with settings of its own.
    Kaleyra(KaleyraAccess),
    /// Every further provider. The rows of the two above are older, and keep their fields beside the channel's own.
    #[serde(untagged)]
    Other(OtherAccess),
}

/// An app that signs webhooks, at its provider. Apps of two providers may not share an id: credentials are stored by the
/// id alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderApp {
    /// The name that the provider is registered under.
    pub provider: String,
    /// Our name for the app.
    pub app: AppId,
}

/// What one provider can do and another cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// A message can be addressed to a business-scoped user id. Kaleyra documents none (facts: kaleyra.md 8).
    UserIds,
    /// A template that the provider does not list does not exist. Kaleyra lists only those that were made there
    /// (facts: kaleyra.md 5).
    WholeTemplateLists,
    /// A status names a message by the id that the answer to its call gave.
    StableMessageIds,
    /// Conversations change hands at the provider as well.
    ThreadControl,
}

impl Access {
    /// The provider's name, as rows, the config file and webhook addresses have it.
    #[must_use]
    pub fn provider(&self) -> &str {
        match self {
            Self::Meta(_) => "meta",
            Self::Kaleyra(_) => "kaleyra",
            Self::Other(access) => &access.provider.0,
        }
    }

    /// The app that signs the channel's webhooks. Without one they come to an address of the channel's own.
    #[must_use]
    pub fn app(&self) -> Option<&AppId> {
        match self {
            Self::Meta(access) => Some(&access.app),
            Self::Kaleyra(_) => None,
            Self::Other(access) => access.app.as_ref(),
        }
    }

    /// The same app with its provider's name.
    #[must_use]
    pub fn provider_app(&self) -> Option<ProviderApp> {
        let app = self.app()?.clone();
        Some(ProviderApp { provider: self.provider().to_owned(), app })
    }

    /// Whether both name one app, and different providers. Credentials are stored by the app's id alone, so the secret of
    /// one provider would check the webhooks of the other.
    #[must_use]
    pub fn names_app_of_other_provider(&self, other: &Self) -> bool {
        self.app().is_some() && self.app() == other.app() && self.provider() != other.provider()
    }

    /// The provider's id of the number, where webhooks name the number by it.
    #[must_use]
    pub fn phone_number_id(&self) -> Option<&PhoneNumberId> {
        match self {
            Self::Meta(access) => Some(&access.phone_number_id),
            Self::Kaleyra(_) => None,
            Self::Other(access) => access.phone_number_id.as_ref(),
        }
    }

    /// Whether the provider can do this for the channel.
    #[must_use]
    pub fn supports(&self, capability: Capability) -> bool {
        match self {
            Self::Meta(access) => capability != Capability::ThreadControl || access.thread_control,
            Self::Kaleyra(_) => false,
            Self::Other(access) => access.capabilities.contains(&capability),
        }
    }

    /// Where the app's webhooks come, below our public address; none without an app.
    #[must_use]
    pub fn app_webhook_path(&self) -> Option<String> {
        self.app().map(|app| format!("/webhooks/{}/{app}", self.provider()))
    }
}

/// The way to a number at a provider that only its own folder knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherAccess {
    /// The name that the provider is registered under.
    pub provider: OtherProvider,
    /// The app that signs its webhooks, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<AppId>,
    /// The provider's id of the number, by which the app's webhooks name it. Counts with an app only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<PhoneNumberId>,
    /// What it can do.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub capabilities: BTreeSet<Capability>,
    /// What else its folder needs to reach it. Never a credential.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
}

/// The name of a further provider: 1 to 32 characters of a-z, 0-9 and _, and none that [`Access`] has a variant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OtherProvider(String);

/// A text is no name of a further provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a further provider must be 1 to 32 characters of a-z, 0-9 and _, and not that of another"
)]
pub struct OtherProviderError;

impl TryFrom<String> for OtherProvider {
    type Error = OtherProviderError;

    fn try_from(text: String) -> Result<Self, OtherProviderError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        // A row of Meta's or Kaleyra's that lacks something is broken, not one of somebody else's.
        let taken = ["meta", "kaleyra"].contains(&text.as_str());
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(plain) && !taken;
        if fits { Ok(Self(text)) } else { Err(OtherProviderError) }
    }
}

impl From<OtherProvider> for String {
    fn from(name: OtherProvider) -> String {
        name.0
    }
}

/// The way to a number at Meta.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaAccess {
    /// The app whose callbacks may speak for this channel.
    pub app: AppId,
    /// Meta's id of the number; routes its callbacks.
    pub phone_number_id: PhoneNumberId,
    /// Base URL of the Graph endpoint, without a trailing slash.
    pub graph_base_url: String,
    /// Version segment of Graph URLs, like `v26.0`.
    pub graph_version: String,
    /// Whether conversations of the number change hands by Meta's thread control: it shares them with Meta's Business
    /// Agent, or with other apps (facts: onboarding.md 4).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thread_control: bool,
}

/// The way to a number at Kaleyra.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KaleyraAccess {
    /// The API that the number's account is on.
    pub api: KaleyraApi,
    /// Base URL of the account's pod, without a trailing slash: Kaleyra's own documents disagree on some
    /// of them, so it is never derived (facts: kaleyra.md 2.1).
    pub base_url: String,
    /// How recipients are spelled.
    #[serde(default)]
    pub numbers: NumberSpelling,
    /// Public base URL of our own callback routes, without a trailing slash. With it, V1 is told with
    /// every message where its statuses go; V2 has no field for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_base_url: Option<String>,
}

/// The two generations of Kaleyra's API. An account is on one of them (facts: kaleyra.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KaleyraApi {
    /// Forms; statuses know only the provider's id.
    V1,
    /// Meta's message objects in an envelope.
    V2,
}

impl fmt::Display for KaleyraApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        })
    }
}

/// How a provider wants numbers spelled: Kaleyra's samples have both (facts: kaleyra.md 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberSpelling {
    /// In E.164 format: `+50212345678`.
    #[default]
    E164,
    /// The digits without `+`: `50212345678`.
    Digits,
}

impl NumberSpelling {
    /// A number in this spelling.
    #[must_use]
    pub fn of(self, number: &Phone) -> String {
        match self {
            Self::E164 => number.e164(),
            Self::Digits => number.digits().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_further_provider_keeps_its_settings_in_one_field() {
        let row =
            json!({ "provider": "stub", "capabilities": ["user_ids"], "settings": { "url": "https://x" } });
        let access: Access = serde_json::from_value(row.clone()).unwrap();
        assert_eq!((access.provider(), access.app()), ("stub", None));
        assert!(access.supports(Capability::UserIds) && !access.supports(Capability::ThreadControl));
        assert_eq!(serde_json::to_value(&access).unwrap(), row);
    }

    #[test]
    fn an_app_belongs_to_one_provider() {
        let meta: Access = serde_json::from_value(json!({
            "provider": "meta", "app": "main", "phone_number_id": "1", "graph_base_url": "https://x",
            "graph_version": "v26.0"
        }))
        .unwrap();
        let at_stub = |app: &str| -> Access {
            serde_json::from_value(json!({ "provider": "stub", "app": app })).unwrap()
        };
        assert!(meta.names_app_of_other_provider(&at_stub("main")));
        assert!(at_stub("main").names_app_of_other_provider(&meta));
        assert!(!meta.names_app_of_other_provider(&at_stub("other")));
        assert!(!meta.names_app_of_other_provider(&meta));
        let kaleyra: Access =
            serde_json::from_value(json!({ "provider": "kaleyra", "api": "v2", "base_url": "https://x" }))
                .unwrap();
        assert!(!kaleyra.names_app_of_other_provider(&kaleyra), "no app is no shared app");
        assert_ne!(meta.provider_app(), at_stub("main").provider_app());
    }

    #[test]
    fn a_broken_row_is_nobody_else_s() {
        for row in [
            json!({ "provider": "meta", "app": "main" }),
            json!({ "provider": "kaleyra" }),
            json!({ "provider": "" }),
            json!({ "provider": "Stub" }),
            json!({}),
        ] {
            assert!(serde_json::from_value::<Access>(row.clone()).is_err(), "{row}");
        }
    }
}
