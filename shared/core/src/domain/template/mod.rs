//! Templates at the provider: our cache of them, and the validation of messages.

mod as_of;
mod budget;
mod check;
mod learn;
mod parts;
mod places;

pub use as_of::AsOf;
pub use budget::CallBudget;
pub use check::{ValidationProblem, check};
pub use learn::{Refusal, TemplateEffect};
pub use places::{Placeholder, PlaceholderKind, places};

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    id::{TemplateAccountId, TenantId},
    time::Timestamp,
};

/// The key of a template within its account: its name in one language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TemplateKey {
    /// The name of the template.
    pub name: String,
    /// Language and locale, with an underscore: `es`, `en_US`.
    pub language: String,
}

/// A text is not the name or language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no name and language of a template")]
pub struct TemplateKeyError;

impl TemplateKey {
    /// Reads a name and a language. Webhooks spell languages with a hyphen (facts: meta.md 4.7).
    ///
    /// # Errors
    /// When either is empty, over-long, or holds characters that no template has.
    pub fn of(name: &str, language: &str) -> Result<Self, TemplateKeyError> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let language = language.replace('-', "_");
        let fits = (1..=512).contains(&name.len())
            && name.bytes().all(letter)
            && (2..=16).contains(&language.len())
            && language.bytes().all(letter);
        if fits { Ok(Self { name: name.to_owned(), language }) } else { Err(TemplateKeyError) }
    }
}

macro_rules! open_word {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The word, in upper case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                let word = word.trim().to_ascii_uppercase().replace([' ', '-'], "_");
                Self(word.chars().take(64).collect())
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::from(word.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> String {
                word.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}
open_word! {
    /// Where a template stands: `APPROVED`, `PAUSED`, or a word not yet known to us.
    TemplateStatus
}
open_word! {
    /// What a template is for: `UTILITY`, `MARKETING`, `AUTHENTICATION`, or a word not yet known to us.
    Category
}

impl TemplateStatus {
    /// Whether messages can be sent with it.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.0 == "APPROVED"
    }
}

impl Category {
    /// Whether it is for one-time passwords.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.0 == "AUTHENTICATION"
    }

    /// Whether it is certainly about something that the customer asked for: an opt-out does not apply.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        self.0 == "UTILITY" || self.is_authentication()
    }
}

/// How the places in a template are named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterFormat {
    /// Numbered from 1: `{{1}}`, `{{2}}` …
    #[default]
    Positional,
    /// Named in lower case: `{{first_name}}` …
    Named,
}

/// A template as the provider describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateDetails {
    /// Whether it may be sent, as the provider reported last.
    pub status: TemplateStatus,
    /// The category that the provider charges for.
    pub category: Category,
    /// How its variables are named.
    #[serde(default)]
    pub format: ParameterFormat,
    /// Its components, types in upper case (facts: meta.md 6).
    #[serde(default)]
    pub components: Vec<Value>,
    /// The quality rating, where reported: `GREEN`, `YELLOW`, `RED` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
}

/// Whether the cached components of a template are those at the provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// They are, as of their time.
    #[default]
    Certain,
    /// A webhook reported only some of the changes: no message is rejected for them until the next list.
    Doubtful,
}

/// A template in the cache of a tenant, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The tenant whose cache it is in.
    pub tenant: TenantId,
    /// The account that it belongs to.
    #[serde(rename = "catalogue")]
    pub account: TemplateAccountId,
    /// Its name and language.
    #[serde(flatten)]
    pub key: TemplateKey,
    /// The provider's description of it.
    #[serde(flatten)]
    pub details: TemplateDetails,
    /// The times as of which its parts are known: earlier reports do not change them.
    pub as_of: AsOf,
    /// Whether its components are certain.
    #[serde(default)]
    pub certainty: Certainty,
    /// Since when it is deleted at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Template {
    /// A template that was not cached, from a list that was requested at `asked_at`.
    #[must_use]
    pub fn listed(
        tenant: TenantId,
        account: TemplateAccountId,
        key: TemplateKey,
        details: TemplateDetails,
        asked_at: Timestamp,
    ) -> Self {
        Self {
            tenant,
            account,
            key,
            details,
            as_of: AsOf::all(asked_at),
            certainty: Certainty::Certain,
            vanished_at: None,
            rev: 0,
        }
    }
}

/// The state of a tenant's cache of an account's templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateCache {
    /// The tenant whose cache it is.
    pub tenant: TenantId,
    /// The account at the provider.
    pub id: TemplateAccountId,
    /// When the last complete list was requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<Timestamp>,
    /// How many pages that list had: the next one needs as many calls.
    #[serde(default)]
    pub pages: u32,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl TemplateCache {
    /// The cache of an account that was never listed completely.
    #[must_use]
    pub fn unseen(tenant: TenantId, id: TemplateAccountId) -> Self {
        Self { tenant, id, synced_at: None, pages: 0, rev: 0 }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_from_before_each_part_had_a_time_can_be_read() {
        let at = Timestamp::from_seconds(7);
        let old = json!({
            "tenant": "demo", "catalogue": "2001", "name": "visit", "language": "es", "status": "APPROVED",
            "category": "UTILITY", "components": [], "as_of": 7000, "rev": 3,
        });
        let template: Template = serde_json::from_value(old).unwrap();
        assert_eq!((template.as_of, template.certainty), (AsOf::all(at), Certainty::Certain));
        let old =
            json!({ "tenant": "demo", "id": "2001", "synced_at": 7000, "hour": 0, "calls": 9, "rev": 3 });
        let cache: TemplateCache = serde_json::from_value(old).unwrap();
        assert_eq!((cache.synced_at, cache.rev), (Some(at), 3));
    }

    #[test]
    fn a_language_has_one_spelling_and_words_are_open() {
        assert_eq!(TemplateKey::of("visit", "en-US"), TemplateKey::of("visit", "en_US"));
        for (name, language) in [("", "es"), ("a b", "es"), ("visit", ""), ("visit", "e"), ("a#b", "es")] {
            assert_eq!(TemplateKey::of(name, language), Err(TemplateKeyError), "{name} {language}");
        }
        assert!(TemplateStatus::from("Approved").is_approved());
        assert_eq!(TemplateStatus::from("Submission Rejected").as_str(), "SUBMISSION_REJECTED");
    }
}
