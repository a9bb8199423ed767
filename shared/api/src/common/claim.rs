//! What a request says about the conversation that it names: its customer and its channel. A contradiction
//! is rejected, so that nobody answers the wrong customer, or from the wrong number.

use serde_json::Value;

use super::{
    Failure, Fields, InputError,
    ids::{POOL_NUMBER, POOL_NUMBER_OF_THE_SAMPLE, read_id},
    names::shown,
    near_miss::{CHANNELS, honoured},
};
use crate::app::App;
use ventanilla_core::domain::{
    channel::Channel,
    contact::Address,
    conversation::Conversation,
    id::{ChannelId, ConversationId, TenantId},
};

/// Fields that name the customer of a conversation.
pub const CUSTOMER: &[&str] = &["toNumber", "to", "phoneNumber", "phone", "recipient", "userId", "toUserId"];

/// Fields that name the channel of a conversation.
pub const PLACE: &[&str] = &["channelId", "poolNumberId"];

/// Fields that name the conversation itself, where it is in the path.
pub const CONVERSATION: &[&str] = &["conversationId"];

/// A claim with the field that makes it; the value is `None` where it is invalid, and so cannot be true.
type Said<T> = Option<(String, Option<T>)>;

/// The claims of a request about its conversation. Absent, null and empty fields claim nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationSelector {
    customer: Said<Address>,
    channel: Said<ChannelId>,
    conversation: Said<ConversationId>,
}

impl ConversationSelector {
    /// Adds the claim about the customer.
    ///
    /// # Errors
    /// When two fields make it.
    pub fn of_customer(self, fields: &Fields) -> Result<Self, InputError> {
        Ok(Self { customer: said(fields, CUSTOMER, |text| Address::read(text).ok())?, ..self })
    }

    /// Adds the claim about the channel.
    ///
    /// # Errors
    /// When two fields make it.
    pub fn of_channel(self, fields: &Fields) -> Result<Self, InputError> {
        Ok(Self { channel: said(fields, PLACE, read_channel)?, ..self })
    }

    /// Adds the body's claim about the conversation in the path.
    ///
    /// # Errors
    /// When two fields make it.
    pub fn of_conversation(self, fields: &Fields) -> Result<Self, InputError> {
        Ok(Self { conversation: said(fields, CONVERSATION, |text| read_id(text).ok())?, ..self })
    }
}

fn said<T>(
    fields: &Fields,
    names: &[&'static str],
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Said<T>, InputError> {
    let Some((name, value)) = honoured(fields.all(), names)? else { return Ok(None) };
    let meant = match value {
        Value::String(text) => read(text.trim()),
        Value::Number(number) => read(&number.to_string()),
        _ => None,
    };
    Ok(Some((shown(name), meant)))
}

/// The channel that a request selects, where it may.
///
/// # Errors
/// Names the field when it is not the id of a channel.
pub fn chosen_channel(fields: &Fields) -> Result<Option<(String, ChannelId)>, InputError> {
    match said(fields, CHANNELS, read_channel)? {
        None => Ok(None),
        Some((field, Some(channel))) => Ok(Some((field, channel))),
        Some((field, None)) => Err(InputError::field(field, "must be the id of a channel, like ch_2")),
    }
}

/// Reads a channel's id in the spelling of any contract.
fn read_channel(text: &str) -> Option<ChannelId> {
    let bare = text.strip_prefix(POOL_NUMBER).or_else(|| text.strip_prefix(POOL_NUMBER_OF_THE_SAMPLE));
    bare.map_or_else(|| read_id(text).ok(), |digits| digits.parse().ok())
}

impl App {
    /// The channel that a request selects.
    ///
    /// # Errors
    /// Names the field when the tenant has no such channel; or the store fails.
    pub async fn own_channel(
        &self,
        tenant: &TenantId,
        field: &str,
        channel: ChannelId,
    ) -> Result<Channel, Failure> {
        let channel = self.core.ports.directory.channel(tenant, channel).await?;
        channel.ok_or_else(|| InputError::field(field.to_owned(), "is no channel of yours").into())
    }

    /// Checks the claims about a conversation. An unknown conversation is left to the send.
    ///
    /// # Errors
    /// Names the field that contradicts; or the store fails.
    pub async fn check_claim(
        &self,
        tenant: &TenantId,
        named: ConversationId,
        claim: &ConversationSelector,
    ) -> Result<(), Failure> {
        if *claim == ConversationSelector::default() {
            return Ok(());
        }
        match self.core.ports.ctx.conversation(tenant, named).await? {
            Some(place) => self.contradiction(&place, claim).await,
            None => Ok(()),
        }
    }

    /// Checks the claims about a conversation that was read already.
    ///
    /// # Errors
    /// Names the field that contradicts; or the store fails.
    pub async fn contradiction(
        &self,
        place: &Conversation,
        claim: &ConversationSelector,
    ) -> Result<(), Failure> {
        let mismatch = |field: &str| Failure::from(InputError::Mismatch { field: field.to_owned().into() });
        if let Some((field, channel)) = &claim.channel
            && *channel != Some(place.channel)
        {
            return Err(mismatch(field));
        }
        if let Some((field, address)) = &claim.customer {
            let theirs = match address {
                Some(address) => self.core.contacts.is_reached_by(place, address).await?,
                None => false,
            };
            if !theirs {
                return Err(mismatch(field));
            }
        }
        if let Some((field, conversation)) = &claim.conversation {
            let known = match conversation {
                Some(id) => self.core.ports.ctx.conversation(&place.tenant, *id).await?,
                None => None,
            };
            if known.is_none_or(|known| known.id != place.id) {
                return Err(mismatch(field));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use ventanilla_core::domain::phone::Phone;

    fn claim(body: &Value) -> ConversationSelector {
        let fields = Fields::of(body).unwrap();
        ConversationSelector::default().of_customer(&fields).unwrap().of_channel(&fields).unwrap()
    }

    #[test]
    fn an_absent_null_or_empty_field_claims_nothing() {
        for body in [json!({}), json!({ "toNumber": null, "poolNumberId": null }), json!({ "toNumber": "" })]
        {
            assert_eq!(claim(&body), ConversationSelector::default(), "{body}");
        }
    }

    #[test]
    fn ids_and_numbers_are_read_in_every_spelling() {
        let channel: ChannelId = "2".parse().unwrap();
        for id in [json!("pn_2"), json!("pool_2"), json!("ch_2"), json!("2"), json!(2)] {
            assert_eq!(
                claim(&json!({ "poolNumberId": id })).channel,
                Some(("poolNumberId".to_owned(), Some(channel)))
            );
        }
        let number = Address::Number(Phone::parse("50212345678").unwrap());
        for to in [json!("+502 1234-5678"), json!("50212345678"), json!(50_212_345_678_u64)] {
            let said = claim(&json!({ "to_number": to })).customer;
            assert_eq!(said, Some(("to_number".to_owned(), Some(number.clone()))));
        }
    }

    #[test]
    fn an_invalid_claim_cannot_be_true() {
        assert_eq!(claim(&json!({ "toNumber": "nobody" })).customer, Some(("toNumber".to_owned(), None)));
        assert_eq!(claim(&json!({ "poolNumberId": [1] })).channel, Some(("poolNumberId".to_owned(), None)));
    }
}
