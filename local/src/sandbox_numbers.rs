//! The simulated business numbers: channels whose base URL is the word `sandbox`.

use secrecy::{ExposeSecret, SecretString};
use ventanilla::{
    config::{channel::ChannelEntry, file::ConfigFile},
    domain::channel::{Access, KaleyraAccess, KaleyraApi, MetaAccess},
    whatsapp::{channel_config::Simulated, kaleyra::KaleyraSecret, meta::MetaSecret},
};
use ventanilla_sandbox::{
    BusinessNumber, GRAPH_MOUNT, KALEYRA_MOUNT, KaleyraApi as Generation, ProviderAccount, WebhookMethod,
};

/// The base URLs that replace the word `sandbox`, when the server answers at `base`.
#[must_use]
pub fn simulated_urls(base: &str) -> Simulated {
    Simulated {
        providers: [("meta", GRAPH_MOUNT), ("kaleyra", KALEYRA_MOUNT)]
            .map(|(name, mount)| (name, format!("{base}{mount}")))
            .into(),
        webhooks: base.to_owned(),
    }
}

/// The simulated numbers of the config file, when the server answers at `base`.
#[must_use]
pub fn simulated_numbers(config: &ConfigFile, base: &str) -> Vec<BusinessNumber> {
    let number = |channel: &ChannelEntry| match channel.access() {
        Access::Meta(access) => at_meta(config, channel, access, base),
        Access::Kaleyra(access) => at_kaleyra(channel, access, base),
        Access::Other(_) => None,
    };
    config.channels.iter().filter(|channel| channel.is_simulated()).filter_map(number).collect()
}

fn at_meta(
    config: &ConfigFile,
    channel: &ChannelEntry,
    access: &MetaAccess,
    base: &str,
) -> Option<BusinessNumber> {
    let secret = channel.secret();
    let secret = secret.of::<MetaSecret>()?;
    let app = config.apps.iter().find(|app| app.id == access.app)?;
    Some(BusinessNumber {
        phone_number_id: access.phone_number_id.as_str().to_owned(),
        waba_id: waba(channel),
        display_phone_number: channel.number.digits().to_owned(),
        provider: ProviderAccount::Meta {
            access_token: text(&secret.access_token),
            app_secret: text(&app.app_secret),
        },
        webhook_url: format!("{base}/webhooks/meta/{}", access.app),
        webhook_method: WebhookMethod::Post,
    })
}

/// Kaleyra has no id of the number, so the number itself is the id.
fn at_kaleyra(channel: &ChannelEntry, access: &KaleyraAccess, base: &str) -> Option<BusinessNumber> {
    let own = channel.secret();
    let own = own.of::<KaleyraSecret>()?;
    let secret = text(own.callback.first()?);
    let (api, webhook_method) = match access.api {
        KaleyraApi::V1 => (Generation::V1, WebhookMethod::Get),
        KaleyraApi::V2 => (Generation::V2, WebhookMethod::Post),
    };
    Some(BusinessNumber {
        phone_number_id: channel.number.digits().to_owned(),
        waba_id: waba(channel),
        display_phone_number: channel.number.digits().to_owned(),
        provider: ProviderAccount::Kaleyra { api, sid: own.sid.clone(), api_key: text(&own.api_key) },
        webhook_url: format!("{base}/webhooks/kaleyra/{}/{secret}", channel.id),
        webhook_method,
    })
}

fn waba(channel: &ChannelEntry) -> String {
    channel.waba_id.as_ref().map_or_else(String::new, |id| id.as_str().to_owned())
}

fn text(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}
