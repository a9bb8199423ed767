//! Contact cards, from Meta's object or a vCard.
#![expect(missing_docs, reason = "most fields of a card say by their names what they are")]

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{text, vcard};

/// A contact card, from Meta's object or a vCard (facts: meta.md 4.5). What the card leaves out is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ContactCard"))]
#[serde(default)]
pub struct Card {
    /// The name in full.
    pub name: Option<String>,
    pub phones: Vec<CardPhone>,
    pub emails: Vec<CardEmail>,
    /// Where the person works.
    pub organization: Option<Organization>,
    pub addresses: Vec<CardAddress>,
    pub urls: Vec<CardUrl>,
    /// The date of birth, as it was written.
    pub birthday: Option<String>,
}

/// A phone number on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CardPhone {
    /// The number as it was written.
    pub phone: Option<String>,
    /// The number as WhatsApp spells it, if it has an account there.
    pub wa_id: Option<String>,
    /// What it is for: `CELL`, `WORK` …
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// An e-mail address on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CardEmail {
    pub email: Option<String>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Where a person works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Organization {
    pub company: Option<String>,
    pub department: Option<String>,
    /// What the person is there.
    pub title: Option<String>,
}

/// A postal address on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CardAddress {
    /// Street and house number.
    pub street: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub country: Option<String>,
    /// The country in two letters (ISO 3166-1).
    pub country_code: Option<String>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// A web address on a card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CardUrl {
    pub url: Option<String>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// Cards from Meta's objects (facts: meta.md 2.3). A card that is only a vCard is read from that (facts:
/// template-rules.md 5.1).
#[must_use]
pub fn cards_of_meta(contacts: &[Value]) -> Vec<Card> {
    contacts.iter().map(card_of_meta).collect()
}

fn card_of_meta(contact: &Value) -> Card {
    let name = contact.get("name").unwrap_or(&Value::Null);
    let card = Card {
        name: ["formatted_name", "first_name", "last_name"].iter().find_map(|field| text(name, field)),
        phones: several(contact, "phones", |it| CardPhone {
            phone: text(it, "phone"),
            wa_id: text(it, "wa_id"),
            kind: text(it, "type"),
        }),
        emails: several(contact, "emails", |it| CardEmail {
            email: text(it, "email"),
            kind: text(it, "type"),
        }),
        organization: contact.get("org").filter(|org| org.is_object()).map(|org| Organization {
            company: text(org, "company"),
            department: text(org, "department"),
            title: text(org, "title"),
        }),
        addresses: several(contact, "addresses", |it| CardAddress {
            street: text(it, "street"),
            city: text(it, "city"),
            state: text(it, "state"),
            zip: text(it, "zip"),
            country: text(it, "country"),
            country_code: text(it, "country_code"),
            kind: text(it, "type"),
        }),
        urls: several(contact, "urls", |it| CardUrl { url: text(it, "url"), kind: text(it, "type") }),
        birthday: text(contact, "birthday"),
    };
    match text(contact, "vcard") {
        Some(vcard) if card == Card::default() => vcard::card(&vcard),
        _ => card,
    }
}

/// The entries of a list on a card; Kaleyra was seen with a single entry in its place (facts: kaleyra.md
/// 4.3).
fn several<T>(contact: &Value, name: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    match contact.get(name) {
        Some(Value::Array(several)) => several.iter().map(read).collect(),
        None | Some(Value::Null) => Vec::new(),
        Some(one) => vec![read(one)],
    }
}

impl Card {
    /// The name and the numbers on one line, for people.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let numbers = self.phones.iter().filter_map(|phone| phone.phone.as_ref().or(phone.wa_id.as_ref()));
        let line: Vec<&str> = self.name.iter().chain(numbers).map(String::as_str).collect();
        (!line.is_empty()).then(|| line.join(", "))
    }
}
