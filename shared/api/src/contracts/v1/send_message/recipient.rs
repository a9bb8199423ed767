//! The recipient of a message that names no conversation.

use serde::Deserialize;
use serde_json::Value;

#[cfg(feature = "schema")]
use crate::common::schema;
use crate::{
    common::{
        Failure, InputError, Missing,
        ids::{Id, Prefixed},
    },
    contracts::v1::send_message::Sender,
};
use ventanilla_core::{
    domain::{
        contact::Address,
        id::{ChannelId, ContactId},
        lead::LeadName,
        phone::{Bsuid, Phone},
    },
    usecases::sending::Recipient,
};

/// The recipient, by exactly one of the fields.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MessageRecipient"))]
#[cfg_attr(feature = "schema", schemars(extend("if" = {}, "then" = schema::one_of(super::schemas::TO))))]
#[serde(deny_unknown_fields, expecting = "an object like {\"phone\":\"+50212345678\"}")]
pub(super) struct To {
    /// The number in international format, in any usual spelling.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("examples" = ["+50212345678"])))]
    phone: Option<Phone>,
    /// The customer's user id for this business.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("pattern" = "^[!-~]{1,200}$")))]
    user_id: Option<Bsuid>,
    /// The contact. Reached in their conversation on the channel, or else by the address that is theirs today.
    contact_id: Option<Id<ContactId>>,
    /// Your own id of a lead (see `POST /v1/webhooks/leads`), or the contact's id.
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::schemas::Lead>"))]
    lead_id: Option<Value>,
}

/// The field that names the recipient.
enum Named<'a> {
    Address(Address),
    Contact(ContactId),
    Lead(&'a Value),
}

/// The core's recipient. Without a channel, the company's default one is used.
pub(super) async fn named(
    sender: &Sender,
    to: Option<&To>,
    channel: Option<ChannelId>,
) -> Result<Recipient, Failure> {
    let to = to.ok_or_else(|| InputError::field("to", "is missing: it says who gets the message"))?;
    let contact = match (to.named()?, channel) {
        (Named::Address(to), Some(channel)) => return Ok(Recipient::OnChannel { channel, to }),
        (Named::Address(Address::Number(number)), None) => return Ok(Recipient::Number(number)),
        (Named::Address(Address::Bsuid(id) | Address::Parent(id)), None) => return Ok(Recipient::UserId(id)),
        (Named::Contact(id), _) => id,
        (Named::Lead(name), _) => {
            let found = sender.app.core.leads.lead_id(&sender.caller.tenant, &lead(name)?).await?;
            found.ok_or(Failure::NotFound(Missing::Lead))?
        }
    };
    let channel = match channel {
        Some(channel) => channel,
        None => sender.app.core.channels.default_channel(&sender.caller.tenant).await?.id,
    };
    Ok(Recipient::Lead { lead: contact, channel })
}

impl To {
    fn named(&self) -> Result<Named<'_>, InputError> {
        let fields = [
            ("phone", self.phone.clone().map(|it| Named::Address(Address::Number(it)))),
            ("user_id", self.user_id.clone().map(|it| Named::Address(Address::of_user_id(it)))),
            ("contact_id", self.contact_id.map(|Id(id)| Named::Contact(id))),
            ("lead_id", self.lead_id.as_ref().map(Named::Lead)),
        ];
        let mut given = fields.into_iter().filter_map(|(name, named)| Some((name, named?)));
        match (given.next(), given.next()) {
            (Some(_), None) if self.user_id.as_ref().is_some_and(is_number) => {
                Err(InputError::field("to.user_id", "is a phone number: give it as `phone`"))
            }
            (Some((_, named)), None) => Ok(named),
            (Some((first, _)), Some((second, _))) => {
                let problem = format!("must not be given beside {first}: one of them says who is meant");
                Err(InputError::field(format!("to.{second}"), problem))
            }
            (None, _) => {
                let problem = "must have exactly one of phone, user_id, contact_id and lead_id";
                Err(InputError::field("to", problem))
            }
        }
    }
}

/// Whether a given user id is a phone number.
pub(in crate::contracts::v1) fn is_number(id: &Bsuid) -> bool {
    Phone::parse(id.as_str()).is_ok()
}

/// A lead by our id, or by the company's own.
fn lead(given: &Value) -> Result<LeadName, InputError> {
    let text = match given {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let name = LeadName::read(text.strip_prefix(ContactId::PREFIX).unwrap_or(&text));
    if name.id.is_none() && name.external.is_none() {
        let problem = "must be the id of a contact, or your own of a lead: up to 50 characters";
        return Err(InputError::field("to.lead_id", problem));
    }
    Ok(name)
}
