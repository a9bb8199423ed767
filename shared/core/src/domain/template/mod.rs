//! Templates as the provider has them: our copy, and what a message must fill in.

mod as_of;
mod budget;
mod check;
mod learn;
mod parts;
mod places;

pub use as_of::AsOf;
pub use budget::CallBudget;
pub use check::{Problem, check};
pub use learn::{Learned, Refusal};
pub use places::{Kind, Place, places};

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    id::{CatalogueId, TenantId},
    time::Timestamp,
};

/// What a template is known by within its account: its name in one language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TemplateKey {
    /// Its name.
    pub name: String,
    /// Language and locale, with an underscore: `es`, `en_US`.
    pub language: String,
}

/// A text is no name or language of a template.
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
    /// Whether it is for codes that a customer proves their number with.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.0 == "AUTHENTICATION"
    }

    /// Whether it is certainly about something that the customer asked for: nobody opts out of that.
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
    /// `{{1}}`, `{{2}}` …
    #[default]
    Positional,
    /// `{{first_name}}` …
    Named,
}

/// A template as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Where it stands.
    pub status: TemplateStatus,
    /// What it is for.
    pub category: Category,
    /// How its places are named.
    #[serde(default)]
    pub format: ParameterFormat,
    /// Its components, types in upper case (facts: meta.md 6).
    #[serde(default)]
    pub components: Vec<Value>,
    /// How customers take it, where told: `GREEN`, `YELLOW`, `RED` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<String>,
}

/// Whether the components of a template in our copy are those that the provider has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// They are, as of their time.
    #[default]
    Certain,
    /// A webhook told a part of what changed: nothing is refused for them until a list has them all.
    Doubtful,
}

/// A template of our copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Whose it is.
    pub tenant: TenantId,
    /// The account that it is in.
    pub catalogue: CatalogueId,
    /// Its name and language.
    #[serde(flatten)]
    pub key: TemplateKey,
    /// What the provider tells of it.
    #[serde(flatten)]
    pub told: Told,
    /// As of when: what is told of an earlier time does not change it.
    pub as_of: AsOf,
    /// Whether its components are certain.
    #[serde(default)]
    pub certainty: Certainty,
    /// Since when the provider has it no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished_at: Option<Timestamp>,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Template {
    /// A template that the copy did not have, from a list that was asked for at `asked_at`.
    #[must_use]
    pub fn listed(
        tenant: TenantId,
        catalogue: CatalogueId,
        key: TemplateKey,
        told: Told,
        asked_at: Timestamp,
    ) -> Self {
        Self {
            tenant,
            catalogue,
            key,
            told,
            as_of: AsOf::all(asked_at),
            certainty: Certainty::Certain,
            vanished_at: None,
            rev: 0,
        }
    }
}

/// What is known of the copy of an account's templates as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Whose it is.
    pub tenant: TenantId,
    /// The account.
    pub id: CatalogueId,
    /// When the list was asked for that the copy has whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synced_at: Option<Timestamp>,
    /// How many pages that list had: as many calls does the next one need.
    #[serde(default)]
    pub pages: u32,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Catalogue {
    /// The copy of an account that was never written down whole.
    #[must_use]
    pub fn unseen(tenant: TenantId, id: CatalogueId) -> Self {
        Self { tenant, id, synced_at: None, pages: 0, rev: 0 }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_of_before_each_part_had_a_time_can_be_read() {
        let at = Timestamp::from_seconds(7);
        let old = json!({
            "tenant": "demo", "catalogue": "2001", "name": "visit", "language": "es", "status": "APPROVED",
            "category": "UTILITY", "components": [], "as_of": 7000, "rev": 3,
        });
        let template: Template = serde_json::from_value(old).unwrap();
        assert_eq!((template.as_of, template.certainty), (AsOf::all(at), Certainty::Certain));
        let old =
            json!({ "tenant": "demo", "id": "2001", "synced_at": 7000, "hour": 0, "calls": 9, "rev": 3 });
        let catalogue: Catalogue = serde_json::from_value(old).unwrap();
        assert_eq!((catalogue.synced_at, catalogue.rev), (Some(at), 3));
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
