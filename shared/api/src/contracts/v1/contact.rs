//! A contact as `/v1` shows it.

use serde::Serialize;

#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    Failure, Missing,
    ids::{channel_id, contact_id, conversation_id},
};
use ventanilla_core::domain::{
    contact::{Address, Contact},
    phone::Bsuid,
};

/// A customer, whatever addresses they have.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Contact", deny_unknown_fields))]
pub(super) struct ContactView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ContactId"))]
    id: String,
    /// The name that the company has for them, else that of their profile; null while there is neither.
    name: Option<String>,
    /// The name of their WhatsApp profile; null until they wrote.
    profile_name: Option<String>,
    /// Their user name on WhatsApp, which is nobody else's; null where they have or show none.
    #[cfg_attr(feature = "schema", schemars(length(max = 256)))]
    username: Option<String>,
    /// Every address that was ever seen of them. A number that has two spellings (Brazil, Mexico, Argentina) is one, here
    /// as it was seen first. A lead that was told of without a number has none yet.
    addresses: Vec<AddressView>,
    /// Their conversation on each channel.
    conversations: Vec<PlaceView>,
}

/// An address of a customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ContactAddress", deny_unknown_fields))]
#[serde(tag = "type", rename_all = "snake_case")]
enum AddressView {
    PhoneNumber {
        #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[1-9][0-9]{7,14}$")))]
        phone_number: String,
    },
    UserId {
        #[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = "^[!-~]{1,200}$")))]
        user_id: Bsuid,
    },
    /// Their user id for all linked portfolios together. Nothing is sent to it.
    ParentUserId {
        #[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = "^[!-~]{1,200}$")))]
        parent_user_id: Bsuid,
    },
}

/// Where the company talks with them.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ContactConversation", deny_unknown_fields))]
struct PlaceView {
    #[cfg_attr(feature = "schema", schemars(with = "schema::ChannelId"))]
    channel_id: String,
    #[cfg_attr(feature = "schema", schemars(with = "schema::ConversationId"))]
    conversation_id: String,
}

/// The contact that a route found.
///
/// # Errors
/// When there is none.
pub(super) fn shown(found: Option<&Contact>) -> Result<ContactView, Failure> {
    found.map(contact).ok_or(Failure::NotFound(Missing::Contact))
}

/// A contact in the format of `/v1`.
pub(super) fn contact(it: &Contact) -> ContactView {
    let place = |(channel, id): (&_, &_)| PlaceView {
        channel_id: channel_id(*channel),
        conversation_id: conversation_id(*id),
    };
    ContactView {
        id: contact_id(it.id),
        name: it.shown_name().map(str::to_owned),
        profile_name: it.name.clone(),
        username: it.username.clone(),
        addresses: it.addresses.iter().map(address).collect(),
        conversations: it.conversations.iter().map(place).collect(),
    }
}

fn address(it: &Address) -> AddressView {
    match it {
        Address::Number(number) => AddressView::PhoneNumber { phone_number: number.e164() },
        Address::Bsuid(id) => AddressView::UserId { user_id: id.clone() },
        Address::Parent(id) => AddressView::ParentUserId { parent_user_id: id.clone() },
    }
}
