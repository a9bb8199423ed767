//! How numbers, their tokens, accounts and apps stand at Meta, as far as a business can ask.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{BusinessNumber, ProviderAccount};

/// How a business number stands, with what belongs to it. Unless it is set, everything is as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountHealth {
    /// The number that the Graph API shows for the id, digits only, if it is another than the sandbox's own.
    pub display_phone_number: Option<String>,
    /// `CONNECTED`, `RESTRICTED`, `PENDING` and the like.
    pub status: String,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: String,
    /// `TIER_250` and the like.
    pub messaging_limit: String,
    /// When the token ends, in Unix seconds; 0 for never. Once it is over the token opens nothing.
    pub token_expires_at: i64,
    /// What the token may do.
    pub scopes: Vec<String>,
    /// The ids of apps that are subscribed to the business account instead of the number's own.
    pub subscribed_apps: Option<Vec<String>>,
    /// The address that the account's callbacks go to instead of the app's.
    #[serde(rename = "account_callback")]
    pub account_webhook_url: Option<String>,
    /// The fields that the app's webhook is subscribed to; none if the app has no webhook at all.
    pub fields: Option<Vec<String>>,
    /// Whether the app's webhook is at work.
    pub active: bool,
    /// Questions that are answered with a Graph error of this code: `debug_token`, `number`, `standing` (the
    /// fields of the number beside its digits and quality), `subscribed_apps`, `subscriptions`.
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
    /// Whether the token's time is over at `now`, in Unix seconds.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        self.token_expires_at != 0 && self.token_expires_at <= now
    }
}

/// The id of the app that sends a number's callbacks: numbers with the same app secret share one.
#[must_use]
pub fn app_id(app_secret: &str) -> String {
    let digest = Sha256::digest(app_secret.as_bytes());
    let head = digest.iter().take(6).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("9{head:015}")
}

/// The id of a number's app; none for a number that Kaleyra carries.
pub(crate) fn app_of(number: &BusinessNumber) -> Option<String> {
    match &number.provider {
        ProviderAccount::Meta { app_secret, .. } => Some(app_id(app_secret)),
        ProviderAccount::Kaleyra { .. } => None,
    }
}
