//! The business numbers the sandbox plays for, and its pace.

use std::{fmt, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, Serialize};

use crate::Clock;

/// What a [`Sandbox`](crate::Sandbox) is made from.
#[derive(Debug, Clone, Deserialize)]
pub struct SandboxConfig {
    /// The business numbers that exist.
    pub numbers: Vec<BusinessNumber>,
    /// The pause before each callback; in serialised form `pace_ms`, 150 by default.
    #[serde(rename = "pace_ms", default = "default_status_delay", deserialize_with = "milliseconds")]
    pub status_delay: Duration,
    /// Whether Meta's 24-hour rule holds, as it does unless told otherwise.
    #[serde(default)]
    pub service_window: ServiceWindow,
    /// The time the sandbox goes by.
    #[serde(skip)]
    pub clock: Clock,
    /// The file that keeps who wrote to whom, so that a restart closes no window; none keeps nothing. Its folder must
    /// be there.
    #[serde(skip)]
    pub windows_file: Option<PathBuf>,
}

/// What becomes of free-form messages to customers who did not write to the number within 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceWindow {
    /// They are accepted and then fail with 131047, as at Meta (facts: meta.md 8.1, 3.3).
    #[default]
    Enforced,
    /// They arrive. For measurements only: at no provider do they.
    Ignored,
}

impl SandboxConfig {
    /// These numbers at the default pace, under the provider's rules.
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

/// A WhatsApp number of a business: who carries it, and where its callbacks go.
///
/// In serialised form the fields of its [`ProviderAccount`] stand beside the others.
#[derive(Debug, Clone, Deserialize)]
pub struct BusinessNumber {
    /// Meta's id of the number. The Graph paths carry it, and the sandbox knows every number by it,
    /// Kaleyra's too.
    pub phone_number_id: String,
    /// The business account (WABA) the number belongs to.
    pub waba_id: String,
    /// The number itself, digits only.
    pub display_phone_number: String,
    /// Whose API the business calls.
    #[serde(flatten)]
    pub provider: ProviderAccount,
    /// Where callbacks go, unless a message names another place for its own.
    #[serde(rename = "callback_url")]
    pub webhook_url: String,
    /// How the callbacks of Kaleyra's V1 come; all others are posted whatever it says.
    #[serde(rename = "callback_method", default)]
    pub webhook_method: WebhookMethod,
}

/// Whose API a number is used with, and the secrets for it.
///
/// In serialised form the field `carrier` says which: `meta` or `kaleyra`.
#[derive(Clone, Deserialize)]
#[serde(tag = "carrier", rename_all = "snake_case")]
pub enum ProviderAccount {
    /// The Cloud API itself.
    Meta {
        /// The bearer token that may use the number.
        access_token: String,
        /// The key that signs callbacks.
        app_secret: String,
    },
    /// Kaleyra.
    Kaleyra {
        /// The generation of its API that the number is on.
        api: KaleyraApi,
        /// The account.
        sid: String,
        /// The key that may use the account.
        api_key: String,
    },
}

/// A generation of Kaleyra's API; a number is on one of them and refused by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KaleyraApi {
    /// Forms, and callbacks with flat fields.
    V1,
    /// Meta's messages in an envelope, both ways.
    V2,
}

/// How a callback with flat fields comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookMethod {
    /// By GET, in the query.
    Get,
    /// By POST, as a form.
    #[default]
    Post,
}

impl BusinessNumber {
    /// The API of Kaleyra that the number is on, if Kaleyra carries it.
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
    fn each_number_has_a_carrier_whose_fields_stand_beside_its_own() -> Result<(), serde_json::Error> {
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
