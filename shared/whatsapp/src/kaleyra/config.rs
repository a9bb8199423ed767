//! The fields of Kaleyra's channels.

use secrecy::{ExposeSecret, SecretString};

use super::{CallbackHeader, KaleyraSecret, is_callback_secret};
use crate::channel_config::{
    ChannelConfig, ConfigError, Configured, SANDBOX, Setting, SettingKind, Simulated,
};
use ventanilla_core::{
    domain::{
        channel::{Access, KaleyraAccess, KaleyraApi},
        id::TemplateAccountId,
    },
    ports::credentials::ChannelSecret,
};

pub(super) const SETTINGS: &[Setting] = &[
    Setting { name: "api", kind: SettingKind::Required("API"), help: "Kaleyra: the account's API, v1 or v2" },
    Setting {
        name: "base_url",
        kind: SettingKind::Required("URL"),
        help: "Kaleyra: the base URL of the account's pod",
    },
    Setting {
        name: "numbers",
        kind: SettingKind::Optional("SPELLING"),
        help: "Kaleyra: `e164` (the default) or `digits`, without the +",
    },
    Setting {
        name: "callback_base_url",
        kind: SettingKind::Optional("URL"),
        help: "Kaleyra: our own public URL, which V1 gets with every message",
    },
    Setting { name: "sid", kind: SettingKind::Secret, help: "Kaleyra: the account's SID" },
    Setting { name: "api_key", kind: SettingKind::Secret, help: "Kaleyra: the account's API key" },
    Setting {
        name: "callback_secret",
        kind: SettingKind::Secret,
        help: "Kaleyra: the secret in the URL of its webhooks",
    },
    Setting {
        name: "previous_callback_secret",
        kind: SettingKind::Secret,
        help: "Kaleyra: the previous webhook secret, while rotating",
    },
    Setting {
        name: "callback_header",
        kind: SettingKind::Secret,
        help: "Kaleyra: a header that webhooks must also have",
    },
];

pub(super) fn configure(config: &mut ChannelConfig) -> Result<Configured, ConfigError> {
    let id = config.id();
    let access = access(config)?;
    let secret = ChannelSecret::new(secret(config)?);
    let account = match access.api {
        // V1 lists the templates of an account, which has no id besides the channel's.
        KaleyraApi::V1 => Some(TemplateAccountId::of_channel(id)),
        KaleyraApi::V2 => config.account().cloned(),
    };
    Ok(Configured { access: Access::Kaleyra(access), secret, template_account: account })
}

fn access(config: &mut ChannelConfig) -> Result<KaleyraAccess, ConfigError> {
    let id = config.id();
    let base_url = config.url("base_url")?.ok_or(ConfigError::Missing(id, "base_url"))?;
    let callback_base_url = config.url("callback_base_url")?;
    if callback_base_url.as_deref() == Some(SANDBOX) {
        return Err(ConfigError::Url(id, "callback_base_url"));
    }
    let api = config.take("api")?.ok_or(ConfigError::Missing(id, "api (v1 or v2)"))?;
    // Without it, no status of V1 has our reference, and an unknown outcome is never resolved.
    if api == KaleyraApi::V1 && callback_base_url.is_none() && base_url != SANDBOX {
        return Err(ConfigError::Missing(id, "callback_base_url, as its api is v1"));
    }
    let numbers = config.take("numbers")?.unwrap_or_default();
    Ok(KaleyraAccess { api, base_url, numbers, callback_base_url })
}

fn secret(config: &mut ChannelConfig) -> Result<KaleyraSecret, ConfigError> {
    let id = config.id();
    let current = config.secret("callback_secret")?.ok_or(ConfigError::Missing(id, "callback_secret"))?;
    let callback: Vec<SecretString> =
        std::iter::once(current).chain(config.secret("previous_callback_secret")?).collect();
    if !callback.iter().all(|secret| is_callback_secret(secret.expose_secret())) {
        let problem = "must be 16 to 128 characters of a-z, A-Z, 0-9, - and _".to_owned();
        return Err(ConfigError::Unfit(id, "callback_secret", problem));
    }
    let header = config.secret("callback_header")?;
    let header = header.map(|text| CallbackHeader::parse(text.expose_secret())).transpose();
    let given = |secret: &SecretString| !secret.expose_secret().is_empty();
    let sid = config.secret("sid")?.filter(given).ok_or(ConfigError::Missing(id, "sid"))?;
    Ok(KaleyraSecret {
        sid: sid.expose_secret().to_owned(),
        api_key: config.secret("api_key")?.filter(given).ok_or(ConfigError::Missing(id, "api_key"))?,
        callback,
        callback_header: header
            .map_err(|error| ConfigError::Unfit(id, "callback_header", error.to_string()))?,
    })
}

pub(super) fn simulate(access: &mut Access, simulated: &Simulated) -> bool {
    let Access::Kaleyra(access) = access else { return false };
    let is_simulated = simulated.replace("kaleyra", &mut access.base_url);
    if is_simulated && access.callback_base_url.is_none() && !simulated.webhooks.is_empty() {
        access.callback_base_url = Some(simulated.webhooks.clone());
    }
    is_simulated
}
