//! The fields of the stub's channels, and their credentials.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use ventanilla::{
    domain::channel::{Access, OtherAccess},
    ports::credentials::{ChannelSecret, ProviderSecret},
    whatsapp::channel_config::{ChannelConfig, ConfigError, Configured, Setting, SettingKind},
};

pub(super) const SETTINGS: &[Setting] = &[
    Setting { name: "stub_url", kind: SettingKind::Required("URL"), help: "Stub: where it is" },
    Setting { name: "stub_key", kind: SettingKind::Secret, help: "Stub: the key of the account" },
    Setting { name: "callback_secret", kind: SettingKind::Secret, help: "Stub: the secret of its webhooks" },
];

#[derive(Debug, Clone)]
pub(super) struct StubSecret {
    pub(super) key: SecretString,
    pub(super) callback: SecretString,
}

impl ProviderSecret for StubSecret {
    fn calls_alike(&self, other: &ChannelSecret) -> bool {
        let key = self.key.expose_secret();
        other.of::<Self>().is_some_and(|other| other.key.expose_secret() == key)
    }
}

pub(super) fn configure(config: &mut ChannelConfig) -> Result<Configured, ConfigError> {
    let missing = |field| ConfigError::Missing(config.id(), field);
    let (no_url, no_key, no_callback) =
        (missing("stub_url"), missing("stub_key"), missing("callback_secret"));
    let url = config.url("stub_url")?.ok_or(no_url)?;
    let access = OtherAccess {
        provider: "stub".to_owned().try_into().unwrap(),
        app: None,
        phone_number_id: None,
        capabilities: BTreeSet::new(),
        settings: Map::from_iter([("stub_url".to_owned(), url.into())]),
    };
    let key = config.secret("stub_key")?.ok_or(no_key)?;
    let callback = config.secret("callback_secret")?.ok_or(no_callback)?;
    let secret = ChannelSecret::new(StubSecret { key, callback });
    Ok(Configured { access: Access::Other(access), secret, template_account: None })
}

pub(super) fn secret(json: &Value) -> Option<ChannelSecret> {
    let text = |name| json.get(name)?.as_str().filter(|text| !text.is_empty()).map(SecretString::from);
    let (key, callback) = (text("stub_key")?, text("callback_secret")?);
    Some(ChannelSecret::new(StubSecret { key, callback }))
}
