//! A lead: what a company's own system told of a customer (ABC Sales; facts: seed-apis.md 4.2). Every contact is a
//! lead, by the contact's own id; this is what was told besides.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    contact::{Address, Contact},
    id::{ContactId, TenantId},
    phone::Phone,
    time::Timestamp,
};

/// A company's own id of a lead: 1 to 50 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExternalLeadId(String);

/// A text is no external id.
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

/// How a caller names a lead: by the id it has here, or by their own for it. Digits may be either; then the one
/// that it has here counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadName {
    /// The id it may have here.
    pub id: Option<ContactId>,
    /// The id it may have there.
    pub external: Option<ExternalLeadId>,
}

impl LeadName {
    /// Whatever a text can name; nothing, if it is an id of neither kind.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self { id: text.parse().ok(), external: text.to_owned().try_into().ok() }
    }
}

/// Most bytes of the company's own fields, as they are kept. All else that is kept of a lead has its own limits, and
/// together they are less than the store takes (400 KB).
pub const CUSTOM_LIMIT: usize = 256 * 1024;

/// The company's own fields about a lead. Kept as JSON text: how deep they are is not the store's business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomFields(Map<String, Value>);

/// The fields are too many, or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have at most {CUSTOM_LIMIT} bytes, with every number written out")]
pub struct CustomFieldsError;

impl CustomFields {
    /// Fields as they were told. What counts is how they are kept: a number may be longer there than it was told.
    ///
    /// # Errors
    /// [`CustomFieldsError`].
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

/// What may be told of a lead besides their name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// E-mail address, as it was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number, as it was told: it may be none that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Their id at Naver LINE. Nothing is sent there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naver_line_id: Option<String>,
    /// Where the lead came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The company's labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whatever else the company keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_fields: Option<CustomFields>,
}

impl Particulars {
    /// Takes over what is told; what is not told stays as it was.
    fn learn(&mut self, told: Self) {
        fn over<T>(known: &mut Option<T>, told: Option<T>) {
            if told.is_some() {
                *known = told;
            }
        }
        over(&mut self.email, told.email);
        over(&mut self.phone, told.phone);
        over(&mut self.naver_line_id, told.naver_line_id);
        over(&mut self.source, told.source);
        over(&mut self.tags, told.tags);
        over(&mut self.timezone, told.timezone);
        over(&mut self.locale, told.locale);
        over(&mut self.currency, told.currency);
        over(&mut self.custom_fields, told.custom_fields);
    }
}

/// What a caller tells of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadTold {
    /// Their own id of it: what is told under the same id is told of the same lead.
    pub external: Option<ExternalLeadId>,
    /// Name.
    pub name: String,
    /// The rest.
    pub particulars: Particulars,
}

impl LeadTold {
    /// The number to reach them by, if it can be read as one.
    #[must_use]
    pub fn number(&self) -> Option<Phone> {
        number(&self.particulars)
    }
}

/// What is kept of a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Its id: that of the contact it was told of.
    pub id: ContactId,
    /// Whose lead.
    pub tenant: TenantId,
    /// The company's own id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalLeadId>,
    /// Name, as the company has it. WhatsApp's is the contact's.
    pub name: String,
    /// The rest.
    #[serde(flatten)]
    pub particulars: Particulars,
    /// When it was first told of.
    pub created_at: Timestamp,
    /// When something new was last told of it.
    pub updated_at: Timestamp,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

impl Lead {
    /// A lead that nothing was told of before, kept with this contact.
    #[must_use]
    pub fn new(id: ContactId, tenant: TenantId, told: LeadTold, now: Timestamp) -> Self {
        let LeadTold { external, name, particulars } = told;
        Self { id, tenant, external, name, particulars, created_at: now, updated_at: now, rev: 0 }
    }

    /// Takes over what is told at `now`. Says whether anything was news.
    pub fn hear(&mut self, told: LeadTold, now: Timestamp) -> Heard {
        let before = self.clone();
        self.external = self.external.take().or(told.external);
        self.name = told.name;
        self.particulars.learn(told.particulars);
        if *self == before {
            return Heard::Nothing;
        }
        self.updated_at = now;
        Heard::News
    }

    /// The number to reach them by, if it can be read as one.
    #[must_use]
    pub fn number(&self) -> Option<Phone> {
        number(&self.particulars)
    }

    /// The number that was told and that this contact never had: then the lead is somebody else, whoever has it.
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

/// Whether what was told of a lead is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Everything was known.
    Nothing,
    /// Something is new.
    News,
}

/// Which lead a company's own id leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadPointer {
    /// Whose id.
    pub tenant: TenantId,
    /// The id.
    pub external: ExternalLeadId,
    /// The lead.
    pub lead: ContactId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(phone: Option<&str>) -> LeadTold {
        let particulars = Particulars { phone: phone.map(str::to_owned), ..Particulars::default() };
        LeadTold { external: None, name: "Ana".to_owned(), particulars }
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
    fn what_is_not_told_stays_and_what_was_known_is_no_news() {
        let tenant: TenantId = "acme".parse().unwrap();
        let mut lead = Lead::new("3".parse().unwrap(), tenant, told(Some("+50212345678")), at(1));
        assert_eq!(lead.hear(told(None), at(2)), Heard::Nothing);
        assert_eq!((lead.updated_at, lead.number().is_some()), (at(1), true));
        assert_eq!(lead.hear(told(Some("call the office")), at(3)), Heard::News);
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
    fn custom_fields_are_judged_as_they_are_kept() {
        let told = |times: usize| format!("{{\"a\":[{}]}}", vec!["1e15"; times].join(","));
        let read = |text: &str| CustomFields::new(serde_json::from_str(text).unwrap());
        assert!(read(&told(10_000)).is_ok());
        let long = told(20_000);
        assert!(long.len() < CUSTOM_LIMIT, "as it was told it would fit");
        assert_eq!(read(&long), Err(CustomFieldsError));
    }
}
