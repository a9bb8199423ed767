//! Adds a business number, and changes its credentials.

use std::num::NonZeroU16;

use clap::{Args, ValueEnum};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use ventanilla::{
    aws::dynamodb::ChannelIdClaim,
    config::channel::ChannelTable,
    domain::{
        channel::{Channel, ChannelName},
        id::{ChannelId, TemplateAccountId, TenantId},
        phone::Phone,
    },
    ports::directory::Directory,
    whatsapp::{registry::Registration, webhook::Addressing, webhook_registry::WebhookRegistry},
};

use super::{
    CommandError, Environment, ExitStatus, Output,
    channel::callback_path,
    credentials::{self, CredentialFields, GivenCredentials},
    environment::store_error,
    json,
    options::{ProviderOptions, provider_names},
    secrets,
};

/// A number to add. The flags are the fields of a channel in the config file.
#[derive(Debug, Args)]
pub struct AddChannel {
    /// The tenant of the channel.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
    /// The channel's id, unique among all tenants; default: the next free one.
    #[arg(long, value_name = "ID")]
    id: Option<ChannelId>,
    /// Change the tenant's existing channel with this id. Its credentials stay, unless new ones are given with
    /// --credentials.
    #[arg(long, requires = "id")]
    replace: bool,
    /// The provider of the number.
    #[arg(long, value_parser = provider_names())]
    provider: String,
    /// The phone number in E.164 format, like +50212345678.
    #[arg(long, allow_hyphen_values = true)]
    number: String,
    /// The channel's name, for people and clients of ABC Sales: 1 to 100 characters; default: its number.
    #[arg(long, value_name = "TEXT")]
    name: Option<ChannelName>,
    /// The throughput, in messages per second; default: 80.
    #[arg(long, value_name = "N")]
    throughput: Option<NonZeroU16>,
    /// The id of the WhatsApp Business Account (WABA): required at Meta, at Kaleyra for the templates of V2.
    #[arg(long, value_name = "ID")]
    waba_id: Option<String>,
    #[command(flatten)]
    own: ProviderOptions,
    #[command(flatten)]
    from: credentials::CredentialsSource,
}

/// The value of an on/off option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OnOff {
    /// Switch the option on.
    On,
    /// Switch the option off.
    Off,
}

impl AddChannel {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        environment.tenant(&self.tenant).await?;
        let provider = find_provider(environment, &self.provider)?;
        let id = self.resolve_id(environment).await?;
        let keeps_credentials = self.replace && !self.from.is_named();
        let mut given = if keeps_credentials { GivenCredentials::default() } else { self.from.read(out)? };
        if self.replace {
            // Fields that are not given stay. A replaced callback secret stays valid beside the new one.
            secrets::merge_stored(environment, id, provider, &mut given.channel).await?;
        }
        let makes_one = needs_callback_secret(provider) && !given.channel.is_empty();
        if makes_one && !given.channel.contains_key("callback_secret") {
            given.channel.insert("callback_secret", secrets::random_secret(environment));
        }
        let channel = self.build_channel(environment, id, provider, &given.channel).await?;
        self.check_unique(environment, &channel).await?;
        let prepared = secrets::prepare(environment, &channel, &mut given).await?;
        // The id before the credentials, which are stored under it: this never overwrites another tenant's.
        self.claim(environment, id).await?;
        // Credentials before the channel: no channel is ever without them.
        prepared.write(environment).await?;
        environment.table.put_channel(&channel).await.map_err(CommandError::other)?;
        report(environment, out, &channel, &given).await
    }

    /// The requested id, or the next free one.
    async fn resolve_id(&self, environment: &Environment) -> Result<ChannelId, CommandError> {
        let Some(id) = self.id else { return next_id(environment).await };
        let known = environment.table.channel(&self.tenant, id).await.map_err(store_error)?;
        match (known, self.replace) {
            (Some(_), true) | (None, false) => Ok(id),
            (None, true) => Err(CommandError::other(format!("tenant {} has no channel {id}", self.tenant))),
            (Some(_), false) => Err(CommandError::other(format!("channel {id} already exists"))),
        }
    }

    /// Claims the id for the tenant. An id that was not requested must have been free.
    async fn claim(&self, environment: &Environment, id: ChannelId) -> Result<(), CommandError> {
        let claim = environment.table.claim_channel(&self.tenant, id).await.map_err(CommandError::other)?;
        if self.id.is_none() && claim == ChannelIdClaim::Held {
            return Err(CommandError::other(format!("channel id {id} was taken just now; try again")));
        }
        Ok(())
    }

    /// The channel, validated by the rules of the config file.
    async fn build_channel(
        &self,
        environment: &Environment,
        id: ChannelId,
        provider: &Registration,
        secret: &CredentialFields,
    ) -> Result<Channel, CommandError> {
        let known = environment.table.channel(&self.tenant, id).await.map_err(store_error)?;
        let mut table = self.own.0.clone();
        if let Some(known) = known.as_ref().filter(|known| known.access.provider() == provider.name) {
            // A switch without an option stays.
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
            Phone::parse(&self.number).map_err(|error| CommandError::usage(format!("--number {error}")))?;
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
        let opaque = |text: &Option<String>| text.clone().map(TemplateAccountId::try_from).transpose();
        opaque(&self.waba_id).map_err(|error| CommandError::usage(format!("--waba-id {error}")))?;
        let table: ChannelTable = serde_json::from_value(table.into()).map_err(CommandError::usage)?;
        let entry = table.read(&environment.providers).map_err(CommandError::usage)?;
        if entry.is_simulated() {
            return Err(CommandError::usage(
                "the base URL sandbox is for the config file of a local server only",
            ));
        }
        let channel = entry.channel(None);
        let Some(known) = known else { return Ok(channel) };
        // Values without an option stay.
        let throughput = if self.throughput.is_some() { channel.throughput } else { known.throughput };
        Ok(Channel {
            disabled_at: known.disabled_at,
            name: channel.name.or(known.name),
            throughput,
            ..channel
        })
    }

    /// Webhooks are matched by the inbound address alone, senders by the number.
    async fn check_unique(&self, environment: &Environment, channel: &Channel) -> Result<(), CommandError> {
        for other in environment.channels(None).await?.iter().filter(|other| other.id != channel.id) {
            if other.inbound_address() == channel.inbound_address() {
                return Err(CommandError::other("another channel has this phone number id"));
            }
            if other.access.names_app_of_other_provider(&channel.access) {
                return Err(CommandError::other(format!(
                    "channel {} has this app at another provider; choose another name for the app",
                    other.id
                )));
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

/// The next free id. The list may lag behind channels that were just added; owners do not.
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

/// The registered provider of this name.
fn find_provider(environment: &Environment, name: &str) -> Result<&'static Registration, CommandError> {
    let found = environment.providers.find(name);
    found.ok_or_else(|| CommandError::other(format!("provider {name} is not registered")))
}

/// Whether a secret in the URL authenticates the provider's webhooks.
fn needs_callback_secret(provider: &Registration) -> bool {
    let found = WebhookRegistry::default().find(provider.name);
    found.is_some_and(|it| it.webhooks.addressing() == Addressing::Channel)
}

/// New credentials for a channel.
#[derive(Debug, Args)]
pub struct ChangeCredentials {
    /// The id of the channel.
    id: ChannelId,
    /// The tenant of the channel.
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
            secrets::merge_stored(
                environment,
                self.id,
                find_provider(environment, channel.access.provider())?,
                &mut given.channel,
            )
            .await?;
        }
        let prepared = secrets::prepare(environment, &channel, &mut given).await?;
        environment.table.claim_channel(&self.tenant, self.id).await.map_err(CommandError::other)?;
        prepared.write(environment).await?;
        report(environment, out, &channel, &given).await
    }
}

/// Prints the channel, and what to configure at the provider.
async fn report(
    environment: &Environment,
    out: &mut Output<'_>,
    channel: &Channel,
    given: &GivenCredentials,
) -> Result<ExitStatus, CommandError> {
    let path = callback_path(channel, &given.channel);
    let verify_token = secrets::stored_verify_token(environment, channel, given).await?;
    let mut text = format!("channel {} is saved\nwebhook path     {path}", channel.id);
    if let Some(token) = &verify_token {
        text.push_str("\nverify token     ");
        text.push_str(token.expose_secret());
    }
    let check =
        environment.ports.health_checks.last_check(&channel.tenant, channel.id).await.map_err(store_error)?;
    let json = json!({
        "channel": json::channel(channel, check.as_ref()),
        "callback_path": path,
        "verify_token": verify_token.as_ref().map(ExposeSecret::expose_secret),
    });
    out.write(&text, &json)?;
    Ok(ExitStatus::Success)
}
