//! Contact cards, in the format in which messages show them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A business card. It goes out as Meta has it.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    expecting = "an object like {\"name\":\"Ana Ruiz\",\"phones\":[{\"phone\":\"+50212345678\"}]}"
)]
pub(in crate::contracts::v1) struct NewCard {
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^[^\u0000]*$")))]
    name: String,
    phones: Option<Vec<NewCardPhone>>,
    emails: Option<Vec<NewCardEmail>>,
    organization: Option<Organization>,
    addresses: Option<Vec<NewCardAddress>>,
    urls: Option<Vec<NewCardUrl>>,
    birthday: Option<String>,
}

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, Serialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        struct $name {
            $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<String>,)*
            #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
            kind: Option<String>,
        }
    )*};
}

parts! {
    /// A phone number, and what it is for.
    NewCardPhone { phone, wa_id }
    /// An e-mail address of the contact, with its kind.
    NewCardEmail { email }
    /// A postal address of the contact, with its kind.
    NewCardAddress { street, city, state, zip, country, country_code }
    /// A web page of the contact, with its kind.
    NewCardUrl { url }
}

/// Where the person works.
#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "NewCardOrganization"))]
#[serde(deny_unknown_fields)]
struct Organization {
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
}

impl NewCard {
    /// The card in Meta's format, which needs a part of the name beside the full name (facts: meta.md 2.3).
    pub(super) fn as_meta_has_it(&self) -> Value {
        let parts = [
            ("phones", json!(self.phones)),
            ("emails", json!(self.emails)),
            ("org", json!(self.organization)),
            ("addresses", json!(self.addresses)),
            ("urls", json!(self.urls)),
            ("birthday", json!(self.birthday)),
        ];
        let name = json!({ "formatted_name": self.name, "first_name": self.name });
        let mut card = Map::from_iter([("name".to_owned(), name)]);
        let given = parts.into_iter().filter(|(_, part)| !part.is_null());
        card.extend(given.map(|(name, part)| (name.to_owned(), part)));
        card.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::json;
    use ventanilla_core::domain::parts::cards_of_meta;

    #[test]
    fn a_card_that_a_message_shows_can_be_sent_as_it_is() {
        let shown = json!({
            "name": "Ana Ruiz",
            "phones": [{ "phone": "+50212345678", "wa_id": "50212345678", "type": "CELL" }],
            "emails": [{ "email": "ana@example.com", "type": null }],
            "organization": { "company": "Sol", "department": null, "title": "CEO" },
            "addresses": [{ "street": "1a", "city": "Guatemala", "state": null, "zip": null, "country": null,
                "country_code": "GT", "type": null }],
            "urls": [],
            "birthday": "1990-01-02",
        });
        let card: NewCard = json::of_value(shown.clone()).unwrap();
        assert_eq!(json!(cards_of_meta(&[card.as_meta_has_it()])[0]), shown);
    }
}
