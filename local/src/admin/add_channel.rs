//! Adding a business number, and changing its credentials.

use std::num::NonZeroU16;

use clap::{Args, ValueEnum};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use ventanilla::{
    config::channel::ChannelEntry,
    domain::{
        channel::{Access, Channel, ChannelName, MetaAccess},
        id::{AppId, CatalogueId, ChannelId, PhoneNumberId, TenantId},
        phone::Phone,
    },
    port::directory::Directory,
    store::Claim,
};

use super::{
    CommandError, Environment, ExitStatus, Output,
    channel::callback_path,
    credentials::{self, CredentialFields, Credentials},
    environment::store_error,
    json, secrets,
};

/// A number to add. The flags are the fields of a channel in the config file.
#[derive(Debug, Args)]
pub struct AddChannel {
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
    #[arg(long)]
    provider: ProviderName,
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
    /// Meta: our name for the app that sends the callbacks; part of their address.
    #[arg(long, value_name = "NAME", required_if_eq("provider", "meta"))]
    app: Option<AppId>,
    /// Meta: its id of the number.
    #[arg(long, value_name = "ID", required_if_eq("provider", "meta"))]
    phone_number_id: Option<String>,
    /// Meta: another host that speaks the Cloud API.
    #[arg(long, value_name = "URL")]
    graph_base_url: Option<String>,
    /// Meta: the version of the Graph API, like v26.0.
    #[arg(long, value_name = "VERSION")]
    graph_version: Option<String>,
    /// Meta: whether conversations change hands by thread control, because Meta's Business Agent or other apps share
    /// the number.
    #[arg(long, value_name = "ON_OFF")]
    thread_control: Option<OnOff>,
    /// Kaleyra: v1 or v2, as the account is.
    #[arg(long, value_name = "API", required_if_eq("provider", "kaleyra"))]
    api: Option<String>,
    /// Kaleyra: the address of the account's pod.
    #[arg(long, value_name = "URL", required_if_eq("provider", "kaleyra"))]
    base_url: Option<String>,
    /// Kaleyra: `e164` (the default) or `digits`, without the +.
    #[arg(long, value_name = "SPELLING")]
    numbers: Option<String>,
    /// Kaleyra: our own public address, which V1 is told with every message.
    #[arg(long, value_name = "URL")]
    callback_base_url: Option<String>,
    #[command(flatten)]
    from: credentials::CredentialsSource,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOff {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// Who carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProviderName {
    /// Meta's Cloud API.
    Meta,
    /// Kaleyra.
    Kaleyra,
}

impl AddChannel {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        environment.tenant(&self.tenant).await?;
        let id = self.resolve_id(environment).await?;
        let kept = self.replace && !self.from.is_named();
        let mut given = if kept { Credentials::default() } else { self.from.read(out)? };
        if self.replace {
            // What is not named anew is kept, and a callback secret that is replaced stays valid beside its successor.
            secrets::merge_stored(environment, id, self.provider, &mut given.channel).await?;
        }
        let makes_one = self.provider == ProviderName::Kaleyra && !given.channel.is_empty();
        if makes_one && !given.channel.contains_key("callback_secret") {
            given.channel.insert("callback_secret", secrets::random_secret(environment));
        }
        let channel = self.build_channel(environment, id, &given.channel).await?;
        self.check_unique(environment, &channel).await?;
        let prepared = secrets::prepare(environment, &channel, &mut given).await?;
        // The id before the credentials, which are found by it alone: another tenant's are never written over.
        self.claim(environment, id).await?;
        // Credentials before the channel: it is never there without them.
        prepared.write(environment).await?;
        environment.table.put_channel(&channel).await.map_err(CommandError::other)?;
        report(environment, out, &channel, &given).await
    }

    /// The id that is asked for, or the next one that is nobody's.
    async fn resolve_id(&self, environment: &Environment) -> Result<ChannelId, CommandError> {
        let Some(id) = self.id else { return next_id(environment).await };
        let known = environment.table.channel(&self.tenant, id).await.map_err(store_error)?;
        match (known, self.replace) {
            (Some(_), true) | (None, false) => Ok(id),
            (None, true) => Err(CommandError::other(format!("tenant {} has no channel {id}", self.tenant))),
            (Some(_), false) => Err(CommandError::other(format!("channel {id} is there already"))),
        }
    }

    /// Makes the id the tenant's. One that nobody asked for must have been nobody's until now.
    async fn claim(&self, environment: &Environment, id: ChannelId) -> Result<(), CommandError> {
        let claim = environment.table.claim_channel(&self.tenant, id).await.map_err(CommandError::other)?;
        if self.id.is_none() && claim == Claim::Held {
            return Err(CommandError::other(format!("channel id {id} was given away just now; try again")));
        }
        Ok(())
    }

    /// The channel, by the rules of the config file.
    async fn build_channel(
        &self,
        environment: &Environment,
        id: ChannelId,
        secret: &CredentialFields,
    ) -> Result<Channel, CommandError> {
        let mut table = Map::new();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                table.insert(name.to_owned(), value);
            }
        };
        let number =
            Phone::parse(&self.number).map_err(|error| CommandError::usage(format!("--number {error}")))?;
        set("id", Some(id.get().into()));
        set("tenant", Some(self.tenant.as_str().into()));
        set("number", Some(number.e164().into()));
        set("provider", Some(self.provider.word().into()));
        set("name", self.name.as_ref().map(|it| it.as_str().into()));
        set("throughput", self.throughput.map(|it| it.get().into()));
        set("thread_control", self.thread_control.map(|it| (it == OnOff::On).into()));
        set("app", self.app.as_ref().map(|it| it.as_str().into()));
        let texts = [
            ("waba_id", &self.waba_id),
            ("phone_number_id", &self.phone_number_id),
            ("graph_base_url", &self.graph_base_url),
            ("graph_version", &self.graph_version),
            ("api", &self.api),
            ("base_url", &self.base_url),
            ("numbers", &self.numbers),
            ("callback_base_url", &self.callback_base_url),
        ];
        for (name, text) in texts {
            set(name, text.as_ref().map(|it| it.as_str().into()));
        }
        for (name, value) in secret {
            set(name, Some(value.expose_secret().into()));
        }
        let opaque = |text: &Option<String>| text.clone().map(CatalogueId::try_from).transpose();
        opaque(&self.waba_id).map_err(|error| CommandError::usage(format!("--waba-id {error}")))?;
        let opaque = |text: &Option<String>| text.clone().map(PhoneNumberId::try_from).transpose();
        opaque(&self.phone_number_id)
            .map_err(|error| CommandError::usage(format!("--phone-number-id {error}")))?;
        let entry: ChannelEntry = serde_json::from_value(table.into()).map_err(CommandError::usage)?;
        if entry.is_simulated() {
            return Err(CommandError::usage("the word sandbox is for the config file of a local server"));
        }
        let channel = entry.channel(None);
        let Some(known) = environment.table.channel(&self.tenant, id).await.map_err(store_error)? else {
            return Ok(channel);
        };
        // What no option says is kept.
        let throughput = if self.throughput.is_some() { channel.throughput } else { known.throughput };
        Ok(Channel {
            disabled_at: known.disabled_at,
            name: channel.name.or(known.name),
            throughput,
            access: self.preserve_access(channel.access, &known.access),
            ..channel
        })
    }

    /// The way to the provider, with what no option says of it.
    fn preserve_access(&self, access: Access, known: &Access) -> Access {
        match (access, known) {
            (Access::Meta(access), Access::Meta(known)) if self.thread_control.is_none() => {
                Access::Meta(MetaAccess { thread_control: known.thread_control, ..access })
            }
            (access, _) => access,
        }
    }

    /// Callbacks are found by the line alone, senders by the number.
    async fn check_unique(&self, environment: &Environment, channel: &Channel) -> Result<(), CommandError> {
        for other in environment.channels(None).await?.iter().filter(|other| other.id != channel.id) {
            if other.line() == channel.line() {
                return Err(CommandError::other("another channel has this phone number id"));
            }
            if other.tenant == channel.tenant && other.number == channel.number {
                return Err(CommandError::other(format!(
                    "channel {} of the tenant has this number",
                    other.id
                )));
            }
        }
        Ok(())
    }
}

/// The next id that is nobody's. The list may lag behind channels that were added just now; owners do not.
async fn next_id(environment: &Environment) -> Result<ChannelId, CommandError> {
    let channels = environment.channels(None).await?;
    let mut number = channels.iter().map(|channel| channel.id.get()).max().unwrap_or_default();
    loop {
        number += 1;
        let id = number.try_into().map_err(CommandError::other)?;
        if environment.table.channel_owner(id).await.map_err(store_error)?.is_none() {
            return Ok(id);
        }
    }
}

impl ProviderName {
    fn of(channel: &Channel) -> Self {
        match channel.access {
            Access::Meta(_) => Self::Meta,
            Access::Kaleyra(_) => Self::Kaleyra,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Kaleyra => "kaleyra",
        }
    }
}

/// Other credentials for a channel.
#[derive(Debug, Args)]
pub struct ChangeCredentials {
    /// The channel.
    id: ChannelId,
    /// Whose it is.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    #[command(flatten)]
    from: credentials::CredentialsSource,
}

impl ChangeCredentials {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        let channel = environment.channel(&self.tenant, self.id).await?;
        let mut given = self.from.read(out)?;
        if !given.channel.is_empty() {
            secrets::merge_stored(environment, self.id, ProviderName::of(&channel), &mut given.channel)
                .await?;
        }
        let prepared = secrets::prepare(environment, &channel, &mut given).await?;
        environment.table.claim_channel(&self.tenant, self.id).await.map_err(CommandError::other)?;
        prepared.write(environment).await?;
        report(environment, out, &channel, &given).await
    }
}

/// Says what is in place, and what the provider has to be told.
async fn report(
    environment: &Environment,
    out: &mut Output<'_>,
    channel: &Channel,
    given: &Credentials,
) -> Result<ExitStatus, CommandError> {
    let path = callback_path(channel, &given.channel);
    let verify_token = secrets::stored_verify_token(environment, channel, given).await?;
    let mut text = format!("channel {} is in place\ncallback path    {path}", channel.id);
    if let Some(token) = &verify_token {
        text.push_str("\nverify token     ");
        text.push_str(token.expose_secret());
    }
    let check =
        environment.app.core.checkups.last_check(&channel.tenant, channel.id).await.map_err(store_error)?;
    let json = json!({
        "channel": json::channel(channel, check.as_ref()),
        "callback_path": path,
        "verify_token": verify_token.as_ref().map(ExposeSecret::expose_secret),
    });
    out.write(&text, &json)?;
    Ok(ExitStatus::Success)
}
