//! All simulated phones, found by number, `wa_id` or BSUID.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::{
    address::Address,
    phone::{FinalStatus, Phone, PhoneMessage},
    service_windows::LastInbound,
};

/// Every phone that exists so far.
#[derive(Debug, Default)]
pub(crate) struct Phones {
    /// By number, or by BSUID for a customer without one.
    by_key: BTreeMap<String, Phone>,
    /// From a `wa_id` or BSUID to the key of its phone.
    aliases: HashMap<String, String>,
    /// From the id of a message to the key of its phone.
    holders: HashMap<String, String>,
}

/// The settings of a phone that a call changes; absent ones stay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhoneSettings {
    name: Option<String>,
    username: Option<String>,
    user_id: Option<String>,
    wa_id: Option<String>,
    #[serde(rename = "reach")]
    final_status: Option<FinalStatus>,
}

impl Phones {
    /// The phone at this address, if it exists.
    pub(crate) fn get(&self, address: &Address) -> Option<&Phone> {
        self.by_key.get(&self.key_of(address))
    }

    /// The phone at this address, created if it does not exist.
    pub(crate) fn get_or_create(&mut self, address: &Address) -> &mut Phone {
        let key = self.key_of(address);
        let Self { by_key, aliases, .. } = self;
        by_key.entry(key).or_insert_with_key(|key| {
            // For a phone that was created by its number, the address may be the BSUID.
            let home = Address::parse(key);
            let phone = Phone::new(home.as_ref().unwrap_or(address));
            aliases.insert(phone.user_id.clone(), key.clone());
            phone
        })
    }

    /// A copy of the phone at this address, without creating it. Its BSUID resolves to it from now on.
    pub(crate) fn peek(&mut self, address: &Address) -> Phone {
        if let Some(phone) = self.get(address) {
            return phone.clone();
        }
        let key = self.key_of(address);
        let home = Address::parse(&key);
        let phone = Phone::new(home.as_ref().unwrap_or(address));
        self.aliases.insert(phone.user_id.clone(), key);
        phone
    }

    /// Restores the phone of a customer who wrote before a restart.
    pub(crate) fn restore(&mut self, wrote: LastInbound) {
        let Some(home) = Address::parse(&wrote.phone) else { return };
        let key = self.key_of(&home);
        let phone = self.get_or_create(&home);
        phone.record_inbound(&wrote.to, wrote.at);
        phone.name = wrote.name;
        phone.username = wrote.username;
        phone.wa_id.clone_from(&wrote.wa_id);
        let made_up = std::mem::replace(&mut phone.user_id, wrote.user_id.clone());
        self.aliases.remove(&made_up);
        for alias in wrote.wa_id.into_iter().chain([wrote.user_id]) {
            self.aliases.insert(alias, key.clone());
        }
    }

    /// All phones, by number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Phone> {
        self.by_key.values()
    }

    /// Whether two addresses belong to the same phone.
    pub(crate) fn is_same_phone(&self, one: &Address, other: &Address) -> bool {
        self.key_of(one) == self.key_of(other)
    }

    /// Adds a message to a phone, unless its id exists already.
    pub(crate) fn add_message(&mut self, address: &Address, message: PhoneMessage) {
        if self.holders.contains_key(&message.wamid) {
            return;
        }
        self.holders.insert(message.wamid.clone(), self.key_of(address));
        self.get_or_create(address).messages.push(message);
    }

    /// The phone with this message.
    pub(crate) fn phone_with_message(&mut self, wamid: &str) -> Option<&mut Phone> {
        self.by_key.get_mut(self.holders.get(wamid)?)
    }

    /// Changes the settings of a phone; the error names the invalid field.
    pub(crate) fn set(&mut self, address: &Address, set: PhoneSettings) -> Result<(), String> {
        let user_id = set.user_id.as_deref().map(|id| self.free_user_id(address, id)).transpose()?;
        let wa_id = set.wa_id.as_deref().map(|id| self.free_wa_id(address, id)).transpose()?;
        let key = self.key_of(address);
        let phone = self.get_or_create(address);
        let mut outdated = Vec::new();
        if let Some(id) = user_id.clone() {
            outdated.push(std::mem::replace(&mut phone.user_id, id));
        }
        if let Some(id) = wa_id.clone() {
            outdated.extend(phone.wa_id.replace(id));
        }
        phone.name = set.name.unwrap_or_else(|| phone.name.clone());
        phone.username = set.username.or_else(|| phone.username.take());
        phone.final_status = set.final_status.unwrap_or(phone.final_status);
        for old in outdated {
            self.aliases.remove(&old);
        }
        for new in user_id.into_iter().chain(wa_id) {
            self.aliases.insert(new, key.clone());
        }
        Ok(())
    }

    fn free_user_id(&self, address: &Address, id: &str) -> Result<String, String> {
        let wanted = Address::user_id(id).ok_or("`user_id` must be a BSUID such as US.1349")?;
        self.check_available("user_id", address, &wanted)
    }

    fn free_wa_id(&self, address: &Address, id: &str) -> Result<String, String> {
        let wanted = Address::number(id).ok_or("`wa_id` must be a phone number")?;
        self.check_available("wa_id", address, &wanted)
    }

    fn check_available(&self, field: &str, address: &Address, wanted: &Address) -> Result<String, String> {
        if self.get(wanted).is_some() && !self.is_same_phone(address, wanted) {
            return Err(format!("`{field}` belongs to another phone"));
        }
        Ok(wanted.as_str().to_owned())
    }

    /// The key under which the phone at this address is stored.
    pub(crate) fn key_of(&self, address: &Address) -> String {
        let given = address.as_str();
        if self.by_key.contains_key(given) {
            return given.to_owned();
        }
        self.aliases.get(given).map_or(given, String::as_str).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{PhoneSettings, Phones};
    use crate::{address::Address, service_windows::LastInbound};

    fn number(digits: &str) -> Address {
        Address::Number(digits.to_owned())
    }

    #[test]
    fn a_phone_is_found_by_number_wa_id_and_user_id() -> Result<(), String> {
        let mut phones = Phones::default();
        let settings = PhoneSettings { wa_id: Some("551187654321".into()), ..Default::default() };
        phones.set(&number("5511987654321"), settings)?;
        let user_id = phones.get_or_create(&number("5511987654321")).user_id.clone();
        assert!(phones.is_same_phone(&number("5511987654321"), &number("551187654321")));
        assert!(phones.is_same_phone(&number("5511987654321"), &Address::UserId(user_id)));
        assert_eq!(phones.iter().count(), 1);
        Ok(())
    }

    #[test]
    fn a_bsuid_that_was_shown_leads_to_its_phone() {
        let mut phones = Phones::default();
        let shown = Address::UserId(phones.peek(&number("525500000001")).user_id);
        assert_eq!(phones.iter().count(), 0, "looking is not touching");
        assert_eq!(phones.peek(&shown).number.as_deref(), Some("525500000001"));
        assert_eq!(phones.get_or_create(&shown).number.as_deref(), Some("525500000001"));
        assert!(phones.is_same_phone(&shown, &number("525500000001")));
    }

    #[test]
    fn a_phone_that_wrote_before_a_restart_is_found_as_before() {
        let mut phones = Phones::default();
        let wrote = LastInbound {
            phone: "5511987654321".to_owned(),
            wa_id: Some("551187654321".to_owned()),
            user_id: "BR.77".to_owned(),
            name: "Ana".to_owned(),
            username: None,
            to: "1001".to_owned(),
            at: 1_000_000,
        };
        for to in ["1001", "1002"] {
            phones.restore(LastInbound { to: to.to_owned(), ..wrote.clone() });
        }
        assert_eq!(phones.iter().count(), 1);
        for address in [number("551187654321"), Address::UserId("BR.77".to_owned())] {
            let found =
                phones.get(&address).map(|it| (it.name.as_str(), it.window_is_open("1002", 1_000_001)));
            assert_eq!(found, Some(("Ana", true)), "{address:?}");
        }
    }

    #[test]
    fn two_phones_cannot_share_an_identity() -> Result<(), String> {
        let mut phones = Phones::default();
        let first = PhoneSettings { user_id: Some("MX.77".into()), ..Default::default() };
        phones.set(&number("525500000001"), first)?;
        let again = PhoneSettings { user_id: Some("MX.77".into()), ..Default::default() };
        let error = phones.set(&number("525500000002"), again);
        assert_eq!(error, Err("`user_id` belongs to another phone".to_owned()));
        Ok(())
    }

    #[test]
    fn a_replaced_user_id_no_longer_leads_to_the_phone() -> Result<(), String> {
        let mut phones = Phones::default();
        let home = number("525500000001");
        let old = Address::UserId(phones.get_or_create(&home).user_id.clone());
        let new = PhoneSettings { user_id: Some("MX.77".into()), ..Default::default() };
        phones.set(&home, new)?;
        assert!(!phones.is_same_phone(&home, &old));
        Ok(())
    }
}
