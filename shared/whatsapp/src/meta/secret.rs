//! The credentials of a number at Meta. The app's secret authenticates its webhooks.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use crate::call;
use ventanilla_core::{
    domain::channel::{Access, Channel, MetaAccess},
    ports::{
        credentials::{ChannelSecret, ProviderSecret},
        provider::SendFailure,
    },
};

/// The credentials of a number at Meta.
#[derive(Debug, Clone)]
pub struct MetaSecret {
    /// The bearer token for calls.
    pub access_token: SecretString,
}

impl ProviderSecret for MetaSecret {
    fn calls_alike(&self, other: &ChannelSecret) -> bool {
        let token = self.access_token.expose_secret();
        other.of::<Self>().is_some_and(|other| other.access_token.expose_secret() == token)
    }
}

/// The JSON of a channel's secret.
#[derive(Deserialize)]
struct SecretJson {
    access_token: String,
}

pub(super) fn read(json: &Value) -> Option<ChannelSecret> {
    let SecretJson { access_token } = SecretJson::deserialize(json).ok()?;
    Some(ChannelSecret::new(MetaSecret { access_token: access_token.into() }))
}

/// The access to a number and its token; a failure where one of them is another provider's.
pub(super) fn way<'a>(
    channel: &'a Channel,
    secret: &'a ChannelSecret,
) -> Result<(&'a MetaAccess, &'a str), SendFailure> {
    match (&channel.access, secret.of::<MetaSecret>()) {
        (Access::Meta(access), Some(secret)) => Ok((access, secret.access_token.expose_secret())),
        _ => Err(call::foreign_secret()),
    }
}
