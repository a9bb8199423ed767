//! The simulated business numbers, and how fast webhooks follow.

use std::{fmt, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, Serialize};

use crate::Clock;

/// Configuration of a [`Sandbox`](crate::Sandbox).
#[derive(Debug, Clone, Deserialize)]
pub struct SandboxConfig {
    /// The simulated business numbers.
    pub numbers: Vec<BusinessNumber>,
    /// The pause before each status webhook; in serialised form `pace_ms`, in milliseconds, 150 by default.
    #[serde(rename = "pace_ms", default = "default_status_delay", deserialize_with = "milliseconds")]
    pub status_delay: Duration,
    /// Whether Meta's 24-hour rule is enforced (default).
    #[serde(default)]
    pub service_window: ServiceWindow,
    /// The sandbox's clock; the system clock by default.
    #[serde(skip)]
    pub clock: Clock,
    /// The file that persists who wrote to whom, so that open service windows survive a restart. `None` persists
    /// nothing. Its folder must exist.
    #[serde(skip)]
    pub windows_file: Option<PathBuf>,
}

/// What happens to free-form messages to customers who did not write to the number within 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceWindow {
    /// They are accepted and then fail with 131047, as at Meta (facts: meta.md 8.1, 3.3).
    #[default]
    Enforced,
    /// They are delivered. For measurements only: no provider does this.
    Ignored,
}

impl SandboxConfig {
    /// These numbers with the default delay, under the provider's rules.
    #[must_use]
    pub fn new(numbers: Vec<BusinessNumber>) -> Self {
        Self {
            numbers,
            status_delay: default_status_delay(),
            service_window: ServiceWindow::default(),
            clock: Clock::default(),
            windows_file: None,
        }
    }
}

/// A WhatsApp number of a business: its provider, and where its webhooks go.
///
/// In serialised form the fields of its [`ProviderAccount`] stand beside the others.
#[derive(Debug, Clone, Deserialize)]
pub struct BusinessNumber {
    /// Meta's id of the number. The Graph paths contain it, and the sandbox identifies every number by it, Kaleyra's
    /// too.
    pub phone_number_id: String,
    /// The business account (WABA) the number belongs to.
    pub waba_id: String,
    /// The number itself, digits only.
    pub display_phone_number: String,
    /// The provider's account that the number belongs to.
    #[serde(flatten)]
    pub provider: ProviderAccount,
    /// Where webhooks go, unless a message names a URL for its own.
    #[serde(rename = "callback_url")]
    pub webhook_url: String,
    /// The HTTP method of webhooks of Kaleyra's V1; all others are posted.
    #[serde(rename = "callback_method", default)]
    pub webhook_method: WebhookMethod,
}

/// The provider whose API a number is used with, and the credentials for it.
///
/// In serialised form the field `carrier` names it: `meta` or `kaleyra`.
#[derive(Clone, Deserialize)]
#[serde(tag = "carrier", rename_all = "snake_case")]
pub enum ProviderAccount {
    /// The Cloud API itself.
    Meta {
        /// The bearer token that may use the number.
        access_token: String,
        /// The app secret, which signs webhooks.
        app_secret: String,
    },
    /// Kaleyra, in front of Meta's Cloud API.
    Kaleyra {
        /// The generation of its API that the number is on.
        api: KaleyraApi,
        /// The account's id at Kaleyra; part of every path.
        sid: String,
        /// The account's API key, sent in the header `api-key`.
        api_key: String,
    },
}

/// A generation of Kaleyra's API. A number uses one of them; the other rejects it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KaleyraApi {
    /// Form bodies, and webhooks with flat fields.
    V1,
    /// Meta's messages in an envelope, for sends and for webhooks.
    V2,
}

/// The HTTP method of a webhook with flat fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookMethod {
    /// GET, with the fields in the query.
    Get,
    /// POST, with the fields as a form.
    #[default]
    Post,
}

impl BusinessNumber {
    /// The API of Kaleyra that the number uses; `None` for a number of Meta's.
    pub(crate) fn kaleyra_api(&self) -> Option<KaleyraApi> {
        match self.provider {
            ProviderAccount::Meta { .. } => None,
            ProviderAccount::Kaleyra { api, .. } => Some(api),
        }
    }
}

impl fmt::Debug for ProviderAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Meta { .. } => f
                .debug_struct("Meta")
                .field("access_token", &"[redacted]")
                .field("app_secret", &"[redacted]")
                .finish(),
            Self::Kaleyra { api, sid, .. } => f
                .debug_struct("Kaleyra")
                .field("api", api)
                .field("sid", sid)
                .field("api_key", &"[redacted]")
                .finish(),
        }
    }
}

fn default_status_delay() -> Duration {
    Duration::from_millis(150)
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BusinessNumber, KaleyraApi, SandboxConfig, WebhookMethod};

    const CONFIG: &str = r#"{"numbers":[
        {"phone_number_id":"1","waba_id":"2","display_phone_number":"3","callback_url":"http://localhost/x",
        "carrier":"meta","access_token":"s3cret-a","app_secret":"s3cret-b"},
        {"phone_number_id":"4","waba_id":"5","display_phone_number":"6","callback_url":"http://localhost/y",
        "callback_method":"get","carrier":"kaleyra","api":"v1","sid":"HX","api_key":"s3cret-c"}]}"#;

    #[test]
    fn secrets_stay_out_of_debug_output() -> Result<(), serde_json::Error> {
        let config: SandboxConfig = serde_json::from_str(CONFIG)?;
        let shown = format!("{config:?}");
        assert!(shown.contains("http://localhost/x"));
        assert!(shown.contains("HX"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
        Ok(())
    }

    #[test]
    fn each_number_has_a_provider_whose_fields_are_flattened() -> Result<(), serde_json::Error> {
        let config: SandboxConfig = serde_json::from_str(CONFIG)?;
        let apis: Vec<_> = config.numbers.iter().map(BusinessNumber::kaleyra_api).collect();
        assert_eq!(apis, [None, Some(KaleyraApi::V1)]);
        let methods: Vec<_> = config.numbers.iter().map(|number| number.webhook_method).collect();
        assert_eq!(methods, [WebhookMethod::Post, WebhookMethod::Get]);
        Ok(())
    }

    #[test]
    fn the_pace_has_a_default_and_is_read_in_milliseconds() -> Result<(), serde_json::Error> {
        let config: SandboxConfig = serde_json::from_str(CONFIG)?;
        assert_eq!(config.status_delay, Duration::from_millis(150));
        let config: SandboxConfig = serde_json::from_str(r#"{"numbers":[],"pace_ms":7}"#)?;
        assert_eq!(config.status_delay, Duration::from_millis(7));
        Ok(())
    }
}
