//! The fields of Meta's channels.

use crate::{
    channel_config::{ChannelConfig, ConfigError, Configured, Setting, SettingKind, Simulated},
    meta::MetaSecret,
};
use ventanilla_core::{
    domain::channel::{Access, MetaAccess},
    ports::credentials::ChannelSecret,
};

const GRAPH: &str = "https://graph.facebook.com";
const GRAPH_VERSION: &str = "v26.0";

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "app",
        kind: SettingKind::Required("NAME"),
        help: "Meta: our name for the app that sends the webhooks; part of their URL",
    },
    Setting {
        name: "phone_number_id",
        kind: SettingKind::Required("ID"),
        help: "Meta: its id of the number",
    },
    Setting { name: "access_token", kind: SettingKind::Secret, help: "Meta: the bearer token" },
    Setting {
        name: "graph_base_url",
        kind: SettingKind::Optional("URL"),
        help: "Meta: the URL of another host with the Cloud API",
    },
    Setting {
        name: "graph_version",
        kind: SettingKind::Optional("VERSION"),
        help: "Meta: the version of the Graph API, like v26.0",
    },
    Setting {
        name: "thread_control",
        kind: SettingKind::Switch,
        help: "Meta: whether conversations change hands by thread control, because Meta's Business Agent or other apps \
               share the number",
    },
];

pub(super) fn configure(config: &mut ChannelConfig) -> Result<Configured, ConfigError> {
    let account = config.account().cloned();
    let template_account = Some(account.ok_or(ConfigError::Missing(config.id(), "waba_id"))?);
    let access = MetaAccess {
        app: config.need("app")?,
        phone_number_id: config.need("phone_number_id")?,
        graph_base_url: config.url("graph_base_url")?.unwrap_or_else(|| GRAPH.to_owned()),
        graph_version: config.take("graph_version")?.unwrap_or_else(|| GRAPH_VERSION.to_owned()),
        thread_control: config.take("thread_control")?.unwrap_or_default(),
    };
    let token = config.secret("access_token")?;
    let access_token = token.ok_or(ConfigError::Missing(config.id(), "access_token"))?;
    let secret = ChannelSecret::new(MetaSecret { access_token });
    Ok(Configured { access: Access::Meta(access), secret, template_account })
}

pub(super) fn simulate(access: &mut Access, simulated: &Simulated) -> bool {
    match access {
        Access::Meta(access) => simulated.replace("meta", &mut access.graph_base_url),
        _ => false,
    }
}
