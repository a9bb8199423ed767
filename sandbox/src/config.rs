//! The business numbers the sandbox plays for, and its pace.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer};

/// What a [`Sandbox`](crate::Sandbox) is made from.
#[derive(Debug, Clone, Deserialize)]
pub struct SandboxConfig {
    /// The business numbers that exist.
    pub numbers: Vec<BusinessNumber>,
    /// The pause before each callback; in serialised form `pace_ms`, 150 by default.
    #[serde(rename = "pace_ms", default = "default_pace", deserialize_with = "milliseconds")]
    pub pace: Duration,
}

impl SandboxConfig {
    /// These numbers at the default pace.
    #[must_use]
    pub fn new(numbers: Vec<BusinessNumber>) -> Self {
        Self { numbers, pace: default_pace() }
    }
}

/// A phone number registered with the Cloud API, its secrets, and where its callbacks go.
#[derive(Clone, Deserialize)]
pub struct BusinessNumber {
    /// The id the Graph paths carry.
    pub phone_number_id: String,
    /// The business account (WABA) the number belongs to.
    pub waba_id: String,
    /// The number itself, digits only.
    pub display_phone_number: String,
    /// The bearer token that may use this number.
    pub access_token: String,
    /// The key that signs callbacks.
    pub app_secret: String,
    /// Where callbacks are posted.
    pub callback_url: String,
}

impl fmt::Debug for BusinessNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BusinessNumber")
            .field("phone_number_id", &self.phone_number_id)
            .field("waba_id", &self.waba_id)
            .field("display_phone_number", &self.display_phone_number)
            .field("access_token", &"[redacted]")
            .field("app_secret", &"[redacted]")
            .field("callback_url", &self.callback_url)
            .finish()
    }
}

fn default_pace() -> Duration {
    Duration::from_millis(150)
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::SandboxConfig;

    const CONFIG: &str = r#"{"numbers":[{"phone_number_id":"1","waba_id":"2",
        "display_phone_number":"3","access_token":"s3cret-a","app_secret":"s3cret-b","callback_url":"http://localhost/x"}]}"#;

    #[test]
    fn secrets_stay_out_of_debug_output() -> Result<(), serde_json::Error> {
        let config: SandboxConfig = serde_json::from_str(CONFIG)?;
        let shown = format!("{config:?}");
        assert!(shown.contains("http://localhost/x"));
        assert!(!shown.contains("s3cret"), "{shown}");
        Ok(())
    }

    #[test]
    fn the_pace_has_a_default_and_is_read_in_milliseconds() -> Result<(), serde_json::Error> {
        let config: SandboxConfig = serde_json::from_str(CONFIG)?;
        assert_eq!(config.pace, Duration::from_millis(150));
        let config: SandboxConfig = serde_json::from_str(r#"{"numbers":[],"pace_ms":7}"#)?;
        assert_eq!(config.pace, Duration::from_millis(7));
        Ok(())
    }
}
