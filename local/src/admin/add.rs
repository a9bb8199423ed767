//! Adding a business number, and changing its credentials.

use std::num::NonZeroU16;

use clap::{Args, ValueEnum};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use ventanilla::{
    aws::dynamodb::Claim,
    config::channel::ChannelTable,
    domain::{
        channel::{Channel, ChannelName},
        id::{CatalogueId, ChannelId, TenantId},
        phone::Phone,
    },
    ports::directory::Directory,
    whatsapp::{registry::Registration, webhook::Addressing},
};

use super::{
    Desk, Ended, Failed, Out,
    channel::callback_path,
    credentials::{self, Fields, Given},
    desk::failed,
    keep,
    options::{ProviderOptions, provider_names},
    view,
};

/// A number to add. The flags are the fields of a channel in the config file.
#[derive(Debug, Args)]
pub struct Add {
    /// Whose it is.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// Its id, which no other channel of any tenant may have; the next free one when not given.
    #[arg(long, value_name = "ID")]
    id: Option<ChannelId>,
    /// Change the tenant's channel of this id. Its credentials stay unless others are given with --credentials.
    #[arg(long, requires = "id")]
    replace: bool,
    /// Who carries its messages.
    #[arg(long, value_parser = provider_names())]
    provider: String,
    /// The number, with its country code.
    #[arg(long, allow_hyphen_values = true)]
    number: String,
    /// What people call it, and clients of ABC Sales see: 1 to 100 characters. Its number when not given.
    #[arg(long, value_name = "TEXT")]
    name: Option<ChannelName>,
    /// Messages that it may send in a second; 80 when not given.
    #[arg(long, value_name = "N")]
    throughput: Option<NonZeroU16>,
    /// The account's id at Meta (WABA): needed at Meta, at Kaleyra for the templates of V2.
    #[arg(long, value_name = "ID")]
    waba_id: Option<String>,
    #[command(flatten)]
    own: ProviderOptions,
    #[command(flatten)]
    from: credentials::From,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOff {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Add {
    pub(super) async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        desk.tenant(&self.tenant).await?;
        let provider = desk.app.providers.find(&self.provider);
        let provider = provider.ok_or_else(|| Failed::usage("nobody is registered as --provider"))?;
        let id = self.wanted_id(desk).await?;
        let kept = self.replace && !self.from.is_named();
        let mut given = if kept { Given::default() } else { self.from.read(out)? };
        if self.replace {
            // What is not named anew is kept, and a callback secret that is replaced stays valid beside its successor.
            keep::renew(desk, id, provider, &mut given.channel).await?;
        }
        let makes_one = provider.webhooks.addressing() == Addressing::Channel && !given.channel.is_empty();
        if makes_one && !given.channel.contains_key("callback_secret") {
            given.channel.insert("callback_secret", keep::random(desk));
        }
        let channel = self.record(desk, id, provider, &given.channel).await?;
        self.check_free(desk, &channel).await?;
        let ready = keep::ready(desk, &channel, &mut given).await?;
        // The id before the credentials, which are found by it alone: another tenant's are never written over.
        self.claim(desk, id).await?;
        // Credentials before the channel: it is never there without them.
        ready.write(desk).await?;
        desk.table.put_channel(&channel).await.map_err(Failed::other)?;
        say(desk, out, &channel, &given).await
    }

    /// The id that is asked for, or the next one that is nobody's.
    async fn wanted_id(&self, desk: &Desk) -> Result<ChannelId, Failed> {
        let Some(id) = self.id else { return next_id(desk).await };
        let known = desk.table.channel(&self.tenant, id).await.map_err(failed)?;
        match (known, self.replace) {
            (Some(_), true) | (None, false) => Ok(id),
            (None, true) => Err(Failed::other(format!("tenant {} has no channel {id}", self.tenant))),
            (Some(_), false) => Err(Failed::other(format!("channel {id} is there already"))),
        }
    }

    /// Makes the id the tenant's. One that nobody asked for must have been nobody's until now.
    async fn claim(&self, desk: &Desk, id: ChannelId) -> Result<(), Failed> {
        let claim = desk.table.claim_channel(&self.tenant, id).await.map_err(Failed::other)?;
        if self.id.is_none() && claim == Claim::Held {
            return Err(Failed::other(format!("channel id {id} was given away just now; try again")));
        }
        Ok(())
    }

    /// The channel, by the rules of the config file.
    async fn record(
        &self,
        desk: &Desk,
        id: ChannelId,
        provider: &Registration,
        secret: &Fields,
    ) -> Result<Channel, Failed> {
        let known = desk.table.channel(&self.tenant, id).await.map_err(failed)?;
        let mut table = self.own.0.clone();
        if let Some(known) = known.as_ref().filter(|known| known.access.provider() == provider.name) {
            // A switch that no option names stays as it is.
            for (name, state) in provider.switches(&known.access) {
                table.entry(name).or_insert(state.into());
            }
        }
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                table.insert(name.to_owned(), value);
            }
        };
        let number =
            Phone::parse(&self.number).map_err(|error| Failed::usage(format!("--number {error}")))?;
        set("id", Some(id.get().into()));
        set("tenant", Some(self.tenant.as_str().into()));
        set("number", Some(number.e164().into()));
        set("provider", Some(provider.name.into()));
        set("name", self.name.as_ref().map(|it| it.as_str().into()));
        set("throughput", self.throughput.map(|it| it.get().into()));
        set("waba_id", self.waba_id.as_ref().map(|it| it.as_str().into()));
        for (name, value) in secret {
            set(name, Some(value.expose_secret().into()));
        }
        let opaque = |text: &Option<String>| text.clone().map(CatalogueId::try_from).transpose();
        opaque(&self.waba_id).map_err(|error| Failed::usage(format!("--waba-id {error}")))?;
        let table: ChannelTable = serde_json::from_value(table.into()).map_err(Failed::usage)?;
        let entry = table.read(&desk.app.providers).map_err(Failed::usage)?;
        if entry.is_simulated() {
            return Err(Failed::usage("the word sandbox is for the config file of a local server"));
        }
        let channel = entry.channel(None);
        let Some(known) = known else { return Ok(channel) };
        // What no option says is kept.
        let throughput = if self.throughput.is_some() { channel.throughput } else { known.throughput };
        Ok(Channel {
            disabled_at: known.disabled_at,
            name: channel.name.or(known.name),
            throughput,
            ..channel
        })
    }

    /// Callbacks are found by the line alone, senders by the number.
    async fn check_free(&self, desk: &Desk, channel: &Channel) -> Result<(), Failed> {
        for other in desk.channels(None).await?.iter().filter(|other| other.id != channel.id) {
            if other.line() == channel.line() {
                return Err(Failed::other("another channel has this phone number id"));
            }
            if other.tenant == channel.tenant && other.number == channel.number {
                return Err(Failed::other(format!("channel {} of the tenant has this number", other.id)));
            }
        }
        Ok(())
    }
}

/// The next id that is nobody's. The list may lag behind channels that were added just now; owners do not.
async fn next_id(desk: &Desk) -> Result<ChannelId, Failed> {
    let channels = desk.channels(None).await?;
    let mut number = channels.iter().map(|channel| channel.id.get()).max().unwrap_or_default();
    loop {
        number += 1;
        let id = number.try_into().map_err(Failed::other)?;
        if desk.table.channel_owner(id).await.map_err(failed)?.is_none() {
            return Ok(id);
        }
    }
}

/// The provider of a channel that is there.
fn provider_of(desk: &Desk, channel: &Channel) -> Result<&'static Registration, Failed> {
    let name = channel.access.provider();
    desk.app.providers.find(name).ok_or_else(|| Failed::other(format!("no provider {name} is registered")))
}

/// Other credentials for a channel.
#[derive(Debug, Args)]
pub struct Changed {
    /// The channel.
    id: ChannelId,
    /// Whose it is.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    #[command(flatten)]
    from: credentials::From,
}

impl Changed {
    pub(super) async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        let channel = desk.channel(&self.tenant, self.id).await?;
        let mut given = self.from.read(out)?;
        if !given.channel.is_empty() {
            keep::renew(desk, self.id, provider_of(desk, &channel)?, &mut given.channel).await?;
        }
        let ready = keep::ready(desk, &channel, &mut given).await?;
        desk.table.claim_channel(&self.tenant, self.id).await.map_err(Failed::other)?;
        ready.write(desk).await?;
        say(desk, out, &channel, &given).await
    }
}

/// Says what is in place, and what the provider has to be told.
async fn say(desk: &Desk, out: &mut Out<'_>, channel: &Channel, given: &Given) -> Result<Ended, Failed> {
    let path = callback_path(channel, &given.channel);
    let verify_token = keep::verify_token_in_force(desk, channel, given).await?;
    let mut text = format!("channel {} is in place\ncallback path    {path}", channel.id);
    if let Some(token) = &verify_token {
        text.push_str("\nverify token     ");
        text.push_str(token.expose_secret());
    }
    let check = desk.app.core.checkups.last_check(&channel.tenant, channel.id).await.map_err(failed)?;
    let json = json!({
        "channel": view::channel(channel, check.as_ref()),
        "callback_path": path,
        "verify_token": verify_token.as_ref().map(ExposeSecret::expose_secret),
    });
    out.say(&text, &json)?;
    Ok(Ended::Fine)
}
