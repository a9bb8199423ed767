//! Putting credentials where functions read them. What a new secret takes the place of stays valid beside it, within
//! the secret's own JSON, until the next one comes: so it matters to nobody how often anything else is written.

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
    Desk, Failed,
    credentials::{self, Fields, Given},
};

/// A field, and the one of what it was before.
struct Renewed {
    now: &'static str,
    before: &'static str,
}

const CALLBACK: Renewed = Renewed { now: "callback_secret", before: "previous_callback_secret" };
const APP: Renewed = Renewed { now: "app_secret", before: "previous_app_secret" };

/// Credentials that were looked at, and where they go.
#[derive(Default)]
pub(super) struct Ready(Vec<(String, SecretString)>);

impl Ready {
    /// Writes them.
    pub(super) async fn write(self, desk: &Desk) -> Result<(), Failed> {
        for (name, json) in self.0 {
            desk.secrets.write(&name, &json).await.map_err(Failed::other)?;
        }
        Ok(())
    }
}

/// The new credentials of a channel over those that are kept, without what is not of its provider.
pub(super) async fn renew(
    desk: &Desk,
    id: ChannelId,
    provider: &Registration,
    given: &mut Fields,
) -> Result<(), Failed> {
    let (known, _) = at_hand(desk, &channel_secret(id), Versions::Current).await?;
    CALLBACK.carry(given, known);
    given.retain(|name, _| provider.secrets().any(|own| own == *name));
    Ok(())
}

/// The channel's and the app's credentials, all looked at before anything is written.
pub(super) async fn ready(desk: &Desk, channel: &Channel, given: &mut Given) -> Result<Ready, Failed> {
    let mut ready = Ready::default();
    let app = app_name(desk, channel, given).await?;
    if !given.channel.is_empty() {
        let json = credentials::json(&given.channel);
        if !desk.app.providers.can_use(&channel.access, json.expose_secret()) {
            return Err(Failed::usage(
                "the credentials lack something, or a part of them is not as it must be",
            ));
        }
        ready.0.push((channel_secret(channel.id), json));
    }
    ready.0.extend(app.map(|name| (name, credentials::json(&given.app))));
    Ok(ready)
}

/// The verify token that functions read now: what is kept, not what was meant to be.
///
/// # Errors
/// When what is kept is not what was just written: somebody else wrote at the same time.
pub(super) async fn verify_token_in_force(
    desk: &Desk,
    channel: &Channel,
    given: &Given,
) -> Result<Option<SecretString>, Failed> {
    let (Some(app), Some(written)) = (channel.access.app(), given.app.get("verify_token")) else {
        return Ok(None);
    };
    let (known, _) = at_hand(desk, &app_secret(app), Versions::Current).await?;
    let same = |token: &&SecretString| token.expose_secret() == written.expose_secret();
    known.get("verify_token").filter(same).cloned().map(Some).ok_or_else(|| {
        Failed::other(format!(
            "the credentials of app {app} are not the ones that were just written: somebody else changed them at the \
             same time. Run this again"
        ))
    })
}

/// 32 random bytes, spelled the same in every URL.
pub(super) fn random(desk: &Desk) -> SecretString {
    let bytes: Vec<u8> = (0..4).flat_map(|_| desk.app.core.mint.chance().to_be_bytes()).collect();
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// Where the app's credentials go, made whole by those that are kept; none where none are given.
async fn app_name(desk: &Desk, channel: &Channel, given: &mut Given) -> Result<Option<String>, Failed> {
    if given.app.is_empty() {
        return Ok(None);
    }
    let Some(app) = channel.access.app() else {
        return Err(Failed::usage("app_secret and verify_token are of apps at Meta"));
    };
    let name = app_secret(app);
    let (mut known, earlier) = at_hand(desk, &name, Versions::CurrentAndPrevious).await?;
    APP.save(&mut known, &earlier);
    APP.carry(&mut given.app, known);
    if !given.app.contains_key("app_secret") {
        return Err(Failed::usage("app_secret of the credentials is missing, and none is kept"));
    }
    given.app.entry("verify_token").or_insert_with(|| random(desk));
    Ok(Some(name))
}

impl Renewed {
    /// What is kept comes to what is given. A value that is replaced becomes the one before, unless another is
    /// given as that; one that is not replaced leaves that as it was.
    fn carry(&self, given: &mut Fields, mut known: Fields) {
        let same = |one: &SecretString, two: &SecretString| one.expose_secret() == two.expose_secret();
        let replaced = match (known.get(self.now), given.get(self.now)) {
            (Some(before), Some(now)) if !same(before, now) => Some(before.clone()),
            _ => None,
        };
        if let Some(before) = replaced {
            known.remove(self.before);
            given.entry(self.before).or_insert(before);
        }
        for (name, value) in known {
            given.entry(name).or_insert(value);
        }
    }

    /// Takes over what only the version before has, which the next write would push out.
    fn save(&self, known: &mut Fields, earlier: &Fields) {
        let now = known.get(self.now).map(|secret| secret.expose_secret().to_owned());
        let before = earlier.get(self.now).filter(|before| Some(before.expose_secret()) != now.as_deref());
        if let (false, Some(before)) = (known.contains_key(self.before), before) {
            known.insert(self.before, before.clone());
        }
    }
}

fn channel_secret(id: ChannelId) -> String {
    format!("channel/{id}")
}

fn app_secret(id: &AppId) -> String {
    format!("app/{id}")
}

/// The credentials that are kept under a name, and those of the version before.
async fn at_hand(desk: &Desk, name: &str, versions: Versions) -> Result<(Fields, Fields), Failed> {
    let Some(found) = desk.secrets.read(name, versions).await.map_err(Failed::other)? else {
        return Ok((Fields::new(), Fields::new()));
    };
    let earlier = found.previous.as_deref().map(credentials::kept).unwrap_or_default();
    Ok((credentials::kept(&found.current), earlier))
}
