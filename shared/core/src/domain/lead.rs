//! A lead: a company's own record about a customer (ABC Sales; facts: seed-apis.md 4.2). Every contact is a
//! lead, under the contact's own id; this holds the additional fields.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    contact::{Address, Contact},
    id::{ContactId, TenantId},
    phone::Phone,
    time::Timestamp,
    written::Written,
};

/// A company's own id of a lead: 1 to 50 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExternalLeadId(String);

/// A text is not a valid external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 50 characters, none of them a control character")]
pub struct ExternalLeadIdError;

impl ExternalLeadId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ExternalLeadId {
    type Error = ExternalLeadIdError;

    fn try_from(text: String) -> Result<Self, ExternalLeadIdError> {
        let fits = (1..=50).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text)) } else { Err(ExternalLeadIdError) }
    }
}

impl From<ExternalLeadId> for String {
    fn from(id: ExternalLeadId) -> String {
        id.0
    }
}

/// A caller's name for a lead: our id of it, or the company's own. Digits may be either; then ours has
/// precedence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadName {
    /// Our id, where the text can be one.
    pub id: Option<ContactId>,
    /// The company's own id, where the text can be one.
    pub external: Option<ExternalLeadId>,
}

impl LeadName {
    /// Reads a text as both kinds of id; both are `None` where it is neither.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self { id: text.parse().ok(), external: text.to_owned().try_into().ok() }
    }
}

/// Most bytes of the company's own fields, as they are stored. All other fields have limits of their own;
/// together they fit into a row (400 KB).
pub const CUSTOM_LIMIT: usize = 256 * 1024;

/// The company's own fields of a lead. Stored as JSON text, because a row limits the depth of nesting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomFields(Map<String, Value>);

/// The custom fields exceed [`CUSTOM_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have at most {CUSTOM_LIMIT} bytes, with every number written out")]
pub struct CustomFieldsError;

impl CustomFields {
    /// Checks the size of the fields as they are stored, where a number may be longer than in the request.
    ///
    /// # Errors
    /// [`CustomFieldsError`], when they exceed [`CUSTOM_LIMIT`].
    pub fn new(fields: Map<String, Value>) -> Result<Self, CustomFieldsError> {
        let fields = Self(fields);
        if String::from(fields.clone()).len() <= CUSTOM_LIMIT { Ok(fields) } else { Err(CustomFieldsError) }
    }

    /// The fields by their names.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl TryFrom<String> for CustomFields {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text).map(Self)
    }
}

impl From<CustomFields> for String {
    fn from(fields: CustomFields) -> String {
        Value::Object(fields.0).to_string()
    }
}

/// The fields of a lead besides the name; `None` for those not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// E-mail address, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number, as it was given: it may be invalid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Their id at Naver LINE. Nothing is sent there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naver_line_id: Option<String>,
    /// The marketing source of the lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Tags that the company gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// The customer's time zone, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The customer's locale, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The customer's currency, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whatever else the company stores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<CustomFields>,
}

impl Particulars {
    /// Sets the given fields; the others keep their value.
    fn update_fields(&mut self, update: Self) {
        fn over<T>(known: &mut Option<T>, new: Option<T>) {
            if new.is_some() {
                *known = new;
            }
        }
        over(&mut self.email, update.email);
        over(&mut self.phone, update.phone);
        over(&mut self.naver_line_id, update.naver_line_id);
        over(&mut self.source, update.source);
        over(&mut self.tags, update.tags);
        over(&mut self.timezone, update.timezone);
        over(&mut self.locale, update.locale);
        over(&mut self.currency, update.currency);
        over(&mut self.custom_fields, update.custom_fields);
    }
}

/// A caller's create or update of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadDetails {
    /// The company's own id: two requests with the same id concern the same lead.
    pub external: Option<ExternalLeadId>,
    /// The name that the company has for the customer.
    pub name: String,
    /// The fields besides the name.
    pub particulars: Particulars,
}

impl LeadDetails {
    /// The phone number, where it is valid.
    #[must_use]
    pub fn number(&self) -> Option<Phone> {
        number(&self.particulars)
    }
}

/// The stored fields of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Its id, which is that of its contact.
    pub id: ContactId,
    /// The tenant that the lead belongs to.
    pub tenant: TenantId,
    /// The company's own id of it, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalLeadId>,
    /// The company's name for the customer. The profile's name is the contact's.
    pub name: String,
    /// The fields besides the name.
    #[serde(flatten)]
    pub particulars: Particulars,
    /// When it was created.
    pub created_at: Timestamp,
    /// When one of its fields last changed.
    pub updated_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Lead {
    /// A new lead for this contact.
    #[must_use]
    pub fn new(id: ContactId, tenant: TenantId, details: LeadDetails, now: Timestamp) -> Self {
        let LeadDetails { external, name, particulars } = details;
        Self { id, tenant, external, name, particulars, created_at: now, updated_at: now, rev: 0 }
    }

    /// Applies an update at `now`; returns whether it changed anything.
    pub fn update(&mut self, details: LeadDetails, now: Timestamp) -> Written {
        let before = self.clone();
        self.external = self.external.take().or(details.external);
        self.name = details.name;
        self.particulars.update_fields(details.particulars);
        if *self == before {
            return Written::Unchanged;
        }
        self.updated_at = now;
        Written::New
    }

    /// The phone number, where it is valid.
    #[must_use]
    pub fn number(&self) -> Option<Phone> {
        number(&self.particulars)
    }

    /// The lead's number, where no contact in `known_as` ever had it: then the lead is somebody else.
    #[must_use]
    pub fn number_of_another(&self, known_as: &[Contact]) -> Option<Phone> {
        let number = self.number()?;
        let address = Address::Number(number.clone());
        let theirs = known_as.iter().any(|contact| contact.has(&address));
        (!theirs).then_some(number)
    }
}

fn number(particulars: &Particulars) -> Option<Phone> {
    Phone::parse(particulars.phone.as_deref()?).ok()
}

/// The lead of a company's own id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadLookup {
    /// The tenant whose id it is.
    pub tenant: TenantId,
    /// The company's own id: the key of this entry.
    pub external: ExternalLeadId,
    /// The lead with that id, by our id.
    pub lead: ContactId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn details(phone: Option<&str>) -> LeadDetails {
        let particulars = Particulars { phone: phone.map(str::to_owned), ..Particulars::default() };
        LeadDetails { external: None, name: "Ana".to_owned(), particulars }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_external_id_has_1_to_50_characters() {
        for good in ["7", "crm/Ünïcode 1", &"é".repeat(50)] {
            assert!(ExternalLeadId::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", "a\n", &"a".repeat(51)] {
            assert_eq!(ExternalLeadId::try_from(bad.to_owned()), Err(ExternalLeadIdError), "{bad}");
        }
    }

    #[test]
    fn digits_may_be_an_id_of_either_kind() {
        let both = LeadName::read("7");
        assert_eq!(both.id.map(ContactId::get), Some(7));
        assert_eq!(both.external.as_ref().map(ExternalLeadId::as_str), Some("7"));
        let external = LeadName::read("crm-7");
        assert!(external.id.is_none() && external.external.is_some());
        let neither = LeadName::read(&"x".repeat(51));
        assert!(neither.id.is_none() && neither.external.is_none());
    }

    #[test]
    fn missing_fields_stay_and_equal_ones_are_no_update() {
        let tenant: TenantId = "acme".parse().unwrap();
        let mut lead = Lead::new("3".parse().unwrap(), tenant, details(Some("+50212345678")), at(1));
        assert_eq!(lead.update(details(None), at(2)), Written::Unchanged);
        assert_eq!((lead.updated_at, lead.number().is_some()), (at(1), true));
        assert_eq!(lead.update(details(Some("call the office")), at(3)), Written::New);
        assert_eq!((lead.updated_at, lead.created_at, lead.number()), (at(3), at(1), None));
        assert_eq!(lead.particulars.phone.as_deref(), Some("call the office"));
    }

    #[test]
    fn custom_fields_survive_the_trip_through_the_store() {
        let fields = json!({ "a": { "b": [1.5, null, "x"] } }).as_object().unwrap().clone();
        let fields = CustomFields::new(fields).unwrap();
        let kept = String::from(fields.clone());
        assert_eq!(CustomFields::try_from(kept).unwrap(), fields);
    }

    #[test]
    fn custom_fields_are_measured_as_they_are_stored() {
        let nested = |times: usize| format!("{{\"a\":[{}]}}", vec!["1e15"; times].join(","));
        let read = |text: &str| CustomFields::new(serde_json::from_str(text).unwrap());
        assert!(read(&nested(10_000)).is_ok());
        let long = nested(20_000);
        assert!(long.len() < CUSTOM_LIMIT, "as it was told it would fit");
        assert_eq!(read(&long), Err(CustomFieldsError));
    }
}
