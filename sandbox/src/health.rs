//! The health of numbers, tokens, accounts and apps at Meta, as far as a business can query it.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{BusinessNumber, ProviderAccount};

/// What Meta reports about a business number, its token, account and app. Everything is healthy by default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountHealth {
    /// The number that the Graph API shows for the id, digits only; the sandbox's own when absent.
    pub display_phone_number: Option<String>,
    /// The number's status: `CONNECTED` (default), `RESTRICTED`, `PENDING`, `BANNED` and others of Meta's.
    pub status: String,
    /// The quality rating: `GREEN` (default), `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: String,
    /// The messaging limit, such as `TIER_250`; `TIER_2K` by default.
    pub messaging_limit: String,
    /// When the token expires, in Unix seconds; 0 for never. An expired token is rejected.
    pub token_expires_at: i64,
    /// The permissions of the token.
    pub scopes: Vec<String>,
    /// The ids of apps that are subscribed to the business account; the number's own app when absent.
    pub subscribed_apps: Option<Vec<String>>,
    /// The URL of webhooks that the account sets; overrides that of the app.
    #[serde(rename = "account_callback")]
    pub account_webhook_url: Option<String>,
    /// The fields that the app's webhook is subscribed to; `None` if the app has no webhook.
    pub fields: Option<Vec<String>>,
    /// Whether the app's webhook subscription is active.
    pub active: bool,
    /// Queries that fail with a Graph error of this code, by name: `debug_token`, `number`, `standing` (the number's
    /// fields besides its digits and quality), `subscribed_apps`, `subscriptions`.
    pub refuse: BTreeMap<String, u32>,
}

impl Default for AccountHealth {
    fn default() -> Self {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
        Self {
            display_phone_number: None,
            status: "CONNECTED".to_owned(),
            quality: "GREEN".to_owned(),
            messaging_limit: "TIER_2K".to_owned(),
            token_expires_at: 0,
            scopes: words(&["whatsapp_business_management", "whatsapp_business_messaging"]),
            subscribed_apps: None,
            account_webhook_url: None,
            fields: Some(words(&["messages", "message_template_status_update"])),
            active: true,
            refuse: BTreeMap::new(),
        }
    }
}

impl AccountHealth {
    /// Whether the token has expired at `now`, in Unix seconds.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        self.token_expires_at != 0 && self.token_expires_at <= now
    }
}

/// The id of the app that sends a number's webhooks: numbers with the same app secret share one.
#[must_use]
pub fn app_id(app_secret: &str) -> String {
    let digest = Sha256::digest(app_secret.as_bytes());
    let head = digest.iter().take(6).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("9{head:015}")
}

/// The id of a number's app; `None` for a number of Kaleyra's.
pub(crate) fn app_of(number: &BusinessNumber) -> Option<String> {
    match &number.provider {
        ProviderAccount::Meta { app_secret, .. } => Some(app_id(app_secret)),
        ProviderAccount::Kaleyra { .. } => None,
    }
}
