//! The simulated business numbers: channels whose base URL is the word `sandbox`.

use secrecy::{ExposeSecret, SecretString};
use ventanilla::{
    config::{
        channel::{Carrier, ChannelEntry, KaleyraEntry, MetaEntry, Simulated},
        file::ConfigFile,
    },
    domain::channel::KaleyraApi,
};
use ventanilla_sandbox::{
    BusinessNumber, GRAPH_MOUNT, KALEYRA_MOUNT, KaleyraApi as Generation, ProviderAccount, WebhookMethod,
};

/// The base URLs that replace the word `sandbox`, when the server answers at `base`.
#[must_use]
pub fn simulated_urls(base: &str) -> Simulated {
    Simulated {
        graph: format!("{base}{GRAPH_MOUNT}"),
        kaleyra: format!("{base}{KALEYRA_MOUNT}"),
        callbacks: base.to_owned(),
    }
}

/// The simulated numbers of the config file, when the server answers at `base`.
#[must_use]
pub fn simulated_numbers(config: &ConfigFile, base: &str) -> Vec<BusinessNumber> {
    let number = |channel: &ChannelEntry| match &channel.carrier {
        Carrier::Meta(entry) => at_meta(config, channel, entry, base),
        Carrier::Kaleyra(entry) => at_kaleyra(channel, entry, base),
    };
    config.channels.iter().filter(|channel| channel.is_simulated()).filter_map(number).collect()
}

fn at_meta(
    config: &ConfigFile,
    channel: &ChannelEntry,
    entry: &MetaEntry,
    base: &str,
) -> Option<BusinessNumber> {
    let app = config.apps.iter().find(|app| app.id == entry.app)?;
    Some(BusinessNumber {
        phone_number_id: entry.phone_number_id.as_str().to_owned(),
        waba_id: waba(channel),
        display_phone_number: channel.number.digits().to_owned(),
        provider: ProviderAccount::Meta {
            access_token: text(&entry.access_token),
            app_secret: text(&app.app_secret),
        },
        webhook_url: format!("{base}/webhooks/meta/{}", entry.app),
        webhook_method: WebhookMethod::Post,
    })
}

/// Kaleyra has no id of the number, so the number itself is the id.
fn at_kaleyra(channel: &ChannelEntry, entry: &KaleyraEntry, base: &str) -> Option<BusinessNumber> {
    let secret = text(entry.secret.callback.first()?);
    let (api, webhook_method) = match entry.api {
        KaleyraApi::V1 => (Generation::V1, WebhookMethod::Get),
        KaleyraApi::V2 => (Generation::V2, WebhookMethod::Post),
    };
    Some(BusinessNumber {
        phone_number_id: channel.number.digits().to_owned(),
        waba_id: waba(channel),
        display_phone_number: channel.number.digits().to_owned(),
        provider: ProviderAccount::Kaleyra {
            api,
            sid: entry.secret.sid.clone(),
            api_key: text(&entry.secret.api_key),
        },
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
