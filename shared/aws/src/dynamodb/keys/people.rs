//! Keys of customers: contacts, their addresses, leads, and who wants no marketing.

use super::{Key, hash, of};
use ventanilla_core::domain::{
    contact::Address,
    id::{ContactId, TenantId},
    lead::ExternalLeadId,
};

/// A contact.
#[must_use]
pub fn contact(tenant: &TenantId, id: ContactId) -> Key {
    Key::only(format!("{}K#{:016}", of(tenant), id.get()))
}

/// What was told of a contact as a lead.
#[must_use]
pub fn lead(tenant: &TenantId, id: ContactId) -> Key {
    Key { sk: "L".to_owned(), ..contact(tenant, id) }
}

/// A company's own id of a lead.
#[must_use]
pub fn lead_pointer(tenant: &TenantId, external: &ExternalLeadId) -> Key {
    Key::only(format!("{}X#{}", of(tenant), hash(&[external.as_str()])))
}

/// An entry of the address book.
#[must_use]
pub fn address(tenant: &TenantId, address: &Address) -> Key {
    Key::only(format!("{}D#{}", of(tenant), address_hash(address)))
}

fn address_hash(address: &Address) -> String {
    match address {
        Address::Number(number) => hash(&["number", number.digits()]),
        Address::Bsuid(id) => hash(&["bsuid", id.as_str()]),
        Address::Parent(id) => hash(&["parent", id.as_str()]),
    }
}

/// Whether an address wants marketing.
#[must_use]
pub fn suppression(tenant: &TenantId, address: &Address) -> Key {
    Key { pk: suppressions(tenant), sk: address_hash(address) }
}

/// The partition of what is known of addresses that do not, or did not, want marketing.
#[must_use]
pub fn suppressions(tenant: &TenantId) -> String {
    format!("{}S", of(tenant))
}

/// The list of a tenant's contacts.
#[must_use]
pub fn contacts(tenant: &TenantId) -> String {
    format!("{}N", of(tenant))
}

/// A contact's place in it.
#[must_use]
pub fn contact_place(id: ContactId) -> String {
    format!("{:016}", id.get())
}

/// The contact at a place in it.
#[must_use]
pub fn contact_at(place: &str) -> Option<ContactId> {
    place.parse::<u64>().ok()?.try_into().ok()
}
