//! A contact as `/v1` shows it.

use serde::Serialize;

use crate::{
    api::common::ids::{channel_id, contact_id, conversation_id},
    domain::{
        contact::{Address, Contact},
        phone::Bsuid,
    },
};

/// `Contact` of openapi.yaml: with all that leads to them.
#[derive(Debug, Serialize)]
pub(super) struct ContactView {
    id: String,
    name: Option<String>,
    profile_name: Option<String>,
    username: Option<String>,
    addresses: Vec<AddressView>,
    conversations: Vec<PlaceView>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AddressView {
    PhoneNumber { phone_number: String },
    UserId { user_id: Bsuid },
    ParentUserId { parent_user_id: Bsuid },
}

/// Where the company talks with them.
#[derive(Debug, Serialize)]
struct PlaceView {
    channel_id: String,
    conversation_id: String,
}

/// A contact as it is kept.
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
