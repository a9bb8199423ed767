//! The customer of an item, from the item and the contacts beside it (facts: meta.md 4.4, 4.5 and 5). Any of
//! these fields may be missing, and a user id may be where a number is expected.

use serde_json::Value;

use crate::lenient::{first_text, list, text};
use ventanilla_core::domain::{
    contact::{Address, Identity},
    phone::{Bsuid, Phone},
};

/// Longest name that is stored, in characters.
const NAME: usize = 256;

/// The fields in which an entry of a list names its customer.
struct Fields {
    number: &'static str,
    user: &'static str,
    parent: [&'static str; 2],
}

const SENDER: Fields =
    Fields { number: "from", user: "from_user_id", parent: ["from_parent_user_id", "parent_user_id"] };
const ADDRESSEE: Fields =
    Fields { number: "to", user: "to_user_id", parent: ["to_parent_user_id", "parent_user_id"] };
/// Meta's page spells the parent's in both ways.
const RECIPIENT: Fields = Fields {
    number: "recipient_id",
    user: "recipient_user_id",
    parent: ["recipient_parent_user_id", "parent_recipient_user_id"],
};
/// The customer of a conversation that changes hands (facts: onboarding.md 4).
const HANDED_OVER: Fields =
    Fields { number: "phone_number", user: "user_id", parent: ["parent_user_id", "parent_user_id"] };
const CONTACT: Fields =
    Fields { number: "wa_id", user: "user_id", parent: ["parent_user_id", "parent_user_id"] };

impl Fields {
    /// Those of the entries of a list.
    fn of(list: &str) -> &'static Self {
        match list {
            "message_echoes" => &ADDRESSEE,
            "statuses" => &RECIPIENT,
            "user_preferences" => &CONTACT,
            _ => &SENDER,
        }
    }
}

/// A contact beside the entries of a list.
struct Contact<'a> {
    value: &'a Value,
    who: Identity,
}

/// The contacts beside the entries of a list. There may be one for several entries, one for each, or none.
pub(crate) struct Contacts<'a> {
    fields: &'static Fields,
    all: Vec<Contact<'a>>,
    /// Whether all entries of the list have the same customer.
    one_customer: bool,
}

impl<'a> Contacts<'a> {
    /// Those of a change's value, for the entries of this list.
    pub(super) fn beside(value: &'a Value, name: &str) -> Self {
        let fields = Fields::of(name);
        let contact = |value: &'a Value| Contact { value, who: named(value, &CONTACT) };
        let mut customers = list(value, name).iter().map(|entry| named(entry, fields));
        let first = customers.next();
        Self {
            fields,
            all: list(value, "contacts").iter().map(contact).collect(),
            one_customer: first.is_none_or(|first| customers.all(|other| is_same(&other, &first))),
        }
    }

    /// The customer of an entry; `None` when nothing identifies one.
    pub(super) fn customer(&self, entry: &Value) -> Option<Identity> {
        let stated = named(entry, self.fields);
        let (contact, certain) = self.about(entry);
        let of_contact =
            |certain: bool| contact.filter(|_| certain).map(|it| it.who.clone()).unwrap_or_default();
        let stated = match changed(entry) {
            // A contact beside it may be the customer's old or new identity.
            Some(notice) => notice.before(stated),
            None => filled(stated, of_contact(certain)),
        };
        let who = if is_unaddressed(&stated) { of_contact(true) } else { stated };
        let Identity { name, username, .. } = contact.map(|it| profile(it.value)).unwrap_or_default();
        (!is_unaddressed(&who)).then_some(Identity { name, username, ..who })
    }

    /// The contact for the customer of an entry, as it came.
    pub(super) fn contact_of(&self, entry: &Value) -> Option<&'a Value> {
        self.about(entry).0.map(|contact| contact.value)
    }

    /// The contact for the customer of an entry, and whether its addresses are the customer's: the only
    /// contact beside the only customer matches by name only, if it has another number.
    fn about(&self, entry: &Value) -> (Option<&Contact<'a>>, bool) {
        let stated = named(entry, self.fields);
        let known = match changed(entry) {
            Some(notice) => vec![notice.before(stated), notice.after],
            None => vec![stated],
        };
        let found = known.iter().find_map(|who| {
            let by_user = |it: &&Contact<'_>| it.who.bsuid.is_some() && it.who.bsuid == who.bsuid;
            let all = || self.all.iter();
            all().find(by_user).or_else(|| all().find(|it| is_same(&it.who, who)))
        });
        match (found, self.all.as_slice()) {
            (Some(contact), _) => (Some(contact), true),
            (None, [only]) if known.iter().all(is_unaddressed) => (Some(only), true),
            (None, [only]) if self.one_customer && !known.iter().any(|who| differs(who, &only.who)) => {
                (Some(only), known.iter().all(|who| who.number.is_none() || only.who.number.is_none()))
            }
            _ => (None, false),
        }
    }
}

/// A customer's changed addresses in a system message.
struct Notice<'a> {
    value: &'a Value,
    after: Identity,
}

impl Notice<'_> {
    /// The customer's old identity. The named sender may be either.
    fn before(&self, sender: Identity) -> Identity {
        let previous =
            |names: &[&str]| first_text(self.value, names).and_then(|text| Address::read(&text).ok());
        let address = previous(&["customer", "previous_wa_id"]).map(Identity::of).unwrap_or_default();
        let id = |name| text(self.value, name).and_then(|text| Bsuid::parse(&text).ok());
        let (bsuid, parent) = (id("previous_user_id"), id("previous_parent_user_id"));
        let who = filled(Identity { bsuid, parent, ..Identity::default() }, address);
        let old = |id: Option<Bsuid>, new: &Option<Bsuid>| id.filter(|id| Some(id) != new.as_ref());
        let sender = Identity {
            bsuid: old(sender.bsuid, &self.after.bsuid),
            parent: old(sender.parent, &self.after.parent),
            ..sender
        };
        let who = filled(who, sender);
        // Without an old identity, the customer keeps the current one.
        if is_unaddressed(&who) { self.after.clone() } else { who }
    }
}

/// The sender's changed addresses in a system message; `None` for other messages.
fn changed(entry: &Value) -> Option<Notice<'_>> {
    let notice = entry.get("system").filter(|_| text(entry, "type").as_deref() == Some("system"))?;
    Some(Notice { value: notice, after: moved(notice) })
}

/// The customer's new addresses, from a system message in either of the documented shapes.
pub(super) fn moved(notice: &Value) -> Identity {
    let number = first_text(notice, &["wa_id", "new_wa_id"]).and_then(|text| Address::read(&text).ok());
    let id = |name| text(notice, name).and_then(|text| Bsuid::parse(&text).ok());
    let of_ids = Identity { bsuid: id("user_id"), parent: id("parent_user_id"), ..Identity::default() };
    filled(of_ids, number.map(Identity::of).unwrap_or_default())
}

/// The customer whose conversation changes hands; `None` without an address.
pub(super) fn handed_over(sender: &Value) -> Option<Identity> {
    Some(named(sender, &HANDED_OVER)).filter(|who| !is_unaddressed(who))
}

/// The addresses of the customer in an entry of a list of this name.
pub(super) fn addresses(name: &str, entry: &Value) -> Identity {
    named(entry, Fields::of(name))
}

/// The addresses of the customer of an entry, in these fields.
fn named(entry: &Value, fields: &Fields) -> Identity {
    let address = text(entry, fields.number).and_then(|text| Address::read(&text).ok());
    let id = |text: std::borrow::Cow<'_, str>| Bsuid::parse(&text).ok();
    let of_ids = Identity {
        bsuid: text(entry, fields.user).and_then(id),
        parent: first_text(entry, &fields.parent).and_then(id),
        ..Identity::default()
    };
    filled(of_ids, address.map(Identity::of).unwrap_or_default())
}

/// One identity, completed from another.
fn filled(who: Identity, also: Identity) -> Identity {
    Identity {
        number: who.number.or(also.number),
        bsuid: who.bsuid.or(also.bsuid),
        parent: who.parent.or(also.parent),
        name: who.name.or(also.name),
        username: who.username.or(also.username),
    }
}

/// Whether two identities have an address in common, in any spelling, and no different user ids.
fn is_same(one: &Identity, other: &Identity) -> bool {
    let number = |one: &Option<Phone>, other: &Option<Phone>| match (one, other) {
        (Some(one), Some(other)) => one.is_same_number(other),
        _ => false,
    };
    match (&one.bsuid, &other.bsuid) {
        (Some(one), Some(other)) => one == other,
        _ => number(&one.number, &other.number) || (one.parent.is_some() && one.parent == other.parent),
    }
}

/// Whether two identities have different user ids.
fn differs(one: &Identity, other: &Identity) -> bool {
    matches!((&one.bsuid, &other.bsuid), (Some(one), Some(other)) if one != other)
}

fn is_unaddressed(who: &Identity) -> bool {
    who.number.is_none() && who.bsuid.is_none() && who.parent.is_none()
}

/// A contact's details besides addresses. A contact without a name goes by its user name.
fn profile(contact: &Value) -> Identity {
    let profile = contact.get("profile").unwrap_or(&Value::Null);
    let kept = |names: &[&str]| {
        let found = first_text(profile, names).filter(|name| !name.is_empty())?;
        Some(found.chars().take(NAME).collect())
    };
    Identity { name: kept(&["name", "username"]), username: kept(&["username"]), ..Identity::default() }
}
