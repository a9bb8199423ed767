//! The structured parts of a message beside its text: the same types for both directions and for every
//! provider. They are stored as the JSON of `/v1` (openapi.yaml).

mod card;
mod interactive;
mod notice;
mod order;
mod referral;
mod rendered;
mod vcard;

pub use card::{Card, CardAddress, CardEmail, CardPhone, CardUrl, Organization, cards_of_meta};
pub use interactive::{Interactive, InteractiveReply, ReplyKind};
pub use notice::{Call, SystemNotice, Unsupported};
pub use order::{Order, OrderItem};
pub use referral::{Forwarded, Referral, ReferredProduct};
pub use rendered::{RenderedButton, RenderedTemplate, render};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::{Number, Value};

use super::provider_error::ProviderError;

/// What a message holds beside its text. At most one of the first group is there, the one of the message's kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageParts {
    /// The tap on a button or a list row, a Flow's answers; outbound the object that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interactive: Option<Interactive>,
    /// A place on the map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<SharedLocation>,
    /// The contact cards that were shared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Card>,
    /// An order from the company's catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The template as the customer sees it, frozen when it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<RenderedTemplate>,
    /// A reaction; the message it is about is the one that the message refers to. None in an emoji's place: it was
    /// removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Emoji>,
    /// A notice about the customer, such as a new number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemNotice>,
    /// A call of the customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// What the provider could not hand over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Unsupported>,
    /// The kind and content of the message that an edit puts in place of an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<EditedContent>,
    /// Whether the file is a voice note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
    /// Whether the sticker moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub animated: Option<bool>,
    /// The ad or post that brought the customer here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Whether the customer forwarded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Forwarded>,
    /// The product that the customer asks about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referred_product: Option<ReferredProduct>,
    /// The number that the quoted message came from, as digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoted_from: Option<String>,
    /// How the customer came to share a contact: `contact_request` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What the provider reports as wrong with the message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProviderError>,
}

/// A place on the map, as a customer sent it: the coordinates may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Location"))]
#[serde(default)]
pub struct SharedLocation {
    /// Degrees north, from -90 to 90.
    pub latitude: Option<Number>,
    /// Degrees east, from -180 to 180.
    pub longitude: Option<Number>,
    /// The name of the place.
    pub name: Option<String>,
    /// The postal address, as one text.
    pub address: Option<String>,
    /// A page about it.
    pub url: Option<String>,
}

/// A reaction to another message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// None when the reaction was removed.
    #[serde(default)]
    pub emoji: Option<String>,
}

/// What an edited message holds now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedContent {
    /// The provider's word for its kind.
    pub kind: String,
    /// Its text or caption.
    #[serde(default)]
    pub text: Option<String>,
}

impl MessageParts {
    /// Whether there is nothing beside the text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A readable line for contracts with one field for the content, where the message has no text: the
    /// coordinates of a location, the items of an order.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        self.location
            .as_ref()
            .and_then(SharedLocation::line)
            .or_else(|| self.order.as_ref().and_then(Order::line))
    }
}

impl SharedLocation {
    /// The coordinates, like `14.6,-90.5`.
    fn line(&self) -> Option<String> {
        Some(format!("{},{}", self.latitude.as_ref()?, self.longitude.as_ref()?))
    }
}

/// Serialises the parts as JSON text: a table's numbers and nesting have limits that JSON has not.
///
/// # Errors
/// Those of the serializer.
pub fn to_text<S: Serializer>(parts: &MessageParts, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::to_string(parts).map_err(S::Error::custom)?.serialize(serializer)
}

/// Reads what [`to_text`] wrote.
///
/// # Errors
/// When the text is not such JSON.
pub fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<MessageParts>, D::Error> {
    let text = String::deserialize(deserializer)?;
    serde_json::from_str(&text).map(Box::new).map_err(D::Error::custom)
}

/// The text of a field, also when it is a number.
fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
