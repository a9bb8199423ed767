//! Stores credentials where functions read them. A replaced secret stays valid beside the new one, in the secret's own
//! JSON, until it is replaced again; other writes do not affect it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use ventanilla::{
    aws::secrets::Versions,
    domain::{
        channel::Channel,
        id::{AppId, ChannelId},
    },
    whatsapp::registry::Registration,
};

use super::{
    CommandError, Environment,
    credentials::{self, CredentialFields, GivenCredentials},
};

/// A field, and the field of its previous value.
struct RotatedField {
    current: &'static str,
    previous: &'static str,
}

const CALLBACK: RotatedField =
    RotatedField { current: "callback_secret", previous: "previous_callback_secret" };
const APP: RotatedField = RotatedField { current: "app_secret", previous: "previous_app_secret" };

/// Validated credentials, and the names of their secrets.
#[derive(Default)]
pub(super) struct PreparedSecrets(Vec<(String, SecretString)>);

impl PreparedSecrets {
    /// Writes them to the store of secrets.
    pub(super) async fn write(self, environment: &Environment) -> Result<(), CommandError> {
        for (name, json) in self.0 {
            environment.secrets.write(&name, &json).await.map_err(CommandError::other)?;
        }
        Ok(())
    }
}

/// Merges new credentials of a channel with the stored ones, without fields of other providers.
pub(super) async fn merge_stored(
    environment: &Environment,
    id: ChannelId,
    provider: &Registration,
    given: &mut CredentialFields,
) -> Result<(), CommandError> {
    let (known, _) = read_stored(environment, &channel_secret(id), Versions::Current).await?;
    CALLBACK.merge(given, known);
    given.retain(|name, _| provider.secrets().any(|own| own == *name));
    Ok(())
}

/// Prepares the channel's and the app's credentials, all validated before anything is written.
pub(super) async fn prepare(
    environment: &Environment,
    channel: &Channel,
    given: &mut GivenCredentials,
) -> Result<PreparedSecrets, CommandError> {
    let mut prepared = PreparedSecrets::default();
    let app = prepare_app(environment, channel, given).await?;
    if !given.channel.is_empty() {
        let json = credentials::to_json(&given.channel);
        if !environment.providers.can_use(&channel.access, json.expose_secret()) {
            return Err(CommandError::usage("the credentials are incomplete or invalid"));
        }
        prepared.0.push((channel_secret(channel.id), json));
    }
    prepared.0.extend(app.map(|name| (name, credentials::to_json(&given.app))));
    Ok(prepared)
}

/// The verify token that functions read now, from the store.
///
/// # Errors
/// When the stored token is not the one that was just written: another command wrote at the same time.
pub(super) async fn stored_verify_token(
    environment: &Environment,
    channel: &Channel,
    given: &GivenCredentials,
) -> Result<Option<SecretString>, CommandError> {
    let (Some(app), Some(written)) = (channel.access.app(), given.app.get("verify_token")) else {
        return Ok(None);
    };
    let (known, _) = read_stored(environment, &app_secret(app), Versions::Current).await?;
    let same = |token: &&SecretString| token.expose_secret() == written.expose_secret();
    known.get("verify_token").filter(same).cloned().map(Some).ok_or_else(|| {
        CommandError::other(format!(
            "the credentials of app {app} are not the ones that were just written: another command changed them at \
             the same time. Run this command again"
        ))
    })
}

/// A secret of 32 random bytes, safe in every URL.
pub(super) fn random_secret(environment: &Environment) -> SecretString {
    let bytes: Vec<u8> = (0..4).flat_map(|_| environment.ports.ctx.ids.chance().to_be_bytes()).collect();
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// Merges the app's credentials with the stored ones, and returns the secret's name; `None` if none are given.
async fn prepare_app(
    environment: &Environment,
    channel: &Channel,
    given: &mut GivenCredentials,
) -> Result<Option<String>, CommandError> {
    if given.app.is_empty() {
        return Ok(None);
    }
    let Some(app) = channel.access.app() else {
        return Err(CommandError::usage("app_secret and verify_token are for apps at Meta only"));
    };
    let name = app_secret(app);
    let (mut known, earlier) = read_stored(environment, &name, Versions::CurrentAndPrevious).await?;
    APP.recover_previous(&mut known, &earlier);
    APP.merge(&mut given.app, known);
    if !given.app.contains_key("app_secret") {
        return Err(CommandError::usage("app_secret is missing from the credentials, and none is stored"));
    }
    given.app.entry("verify_token").or_insert_with(|| random_secret(environment));
    Ok(Some(name))
}

impl RotatedField {
    /// Merges stored fields into given ones. A replaced value becomes the previous one, unless a previous value is
    /// given; without a replacement, the previous value stays.
    fn merge(&self, given: &mut CredentialFields, mut known: CredentialFields) {
        let same = |one: &SecretString, two: &SecretString| one.expose_secret() == two.expose_secret();
        let replaced = match (known.get(self.current), given.get(self.current)) {
            (Some(before), Some(now)) if !same(before, now) => Some(before.clone()),
            _ => None,
        };
        if let Some(before) = replaced {
            known.remove(self.previous);
            given.entry(self.previous).or_insert(before);
        }
        for (name, value) in known {
            given.entry(name).or_insert(value);
        }
    }

    /// Takes over a previous value that only the previous version of the secret has, because the next write removes
    /// that version.
    fn recover_previous(&self, known: &mut CredentialFields, earlier: &CredentialFields) {
        let now = known.get(self.current).map(|secret| secret.expose_secret().to_owned());
        let before =
            earlier.get(self.current).filter(|before| Some(before.expose_secret()) != now.as_deref());
        if let (false, Some(before)) = (known.contains_key(self.previous), before) {
            known.insert(self.previous, before.clone());
        }
    }
}

fn channel_secret(id: ChannelId) -> String {
    format!("channel/{id}")
}

fn app_secret(id: &AppId) -> String {
    format!("app/{id}")
}

/// The stored credentials under a name, and those of the previous version.
async fn read_stored(
    environment: &Environment,
    name: &str,
    versions: Versions,
) -> Result<(CredentialFields, CredentialFields), CommandError> {
    let Some(found) = environment.secrets.read(name, versions).await.map_err(CommandError::other)? else {
        return Ok((CredentialFields::new(), CredentialFields::new()));
    };
    let earlier = found.previous.as_deref().map(credentials::parse_stored).unwrap_or_default();
    Ok((credentials::parse_stored(&found.current), earlier))
}
