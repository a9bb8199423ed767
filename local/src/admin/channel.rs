//! The commands for channels.

use std::fmt::Write as _;

use clap::Subcommand;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        channel::Channel as Record,
        health_check::Connectivity,
        id::{ChannelId, TenantId},
    },
    ports::provider::SendFailure,
};

use super::{
    CommandError, Environment, ExitStatus, Output,
    add_channel::{AddChannel, ChangeCredentials},
    check::Check,
    credentials,
    environment::store_error,
    json,
};

/// Commands for business numbers.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum ChannelCommand {
    /// Add a number, with its credentials from standard input or a file; with --replace, change one.
    Add(Box<AddChannel>),
    /// Change credentials. Fields that are not given stay.
    Credentials(ChangeCredentials),
    /// Check a tenant's channels, or one of them: credentials, number, subscription, webhooks, templates.
    Check(Check),
    /// List channels with the result of their last check.
    List {
        /// Only channels of this tenant.
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Disable sending for a channel; it still receives webhooks. Functions may send for one more minute.
    Disable(ChannelRef),
    /// Enable sending for a disabled channel.
    Enable(ChannelRef),
    /// Subscribe the app to the WhatsApp Business Account's webhooks.
    Subscribe(ChannelRef),
}

const EXAMPLES: &str = "Examples:
  ventanilla channel add --tenant acme --provider meta --number +15550100001 --app main \\
    --phone-number-id 1001 --waba-id 2001 --credentials meta.json
  ventanilla channel check 1 --tenant acme --public-url https://abc.execute-api.us-east-1.amazonaws.com
  pass show acme/whatsapp | ventanilla channel credentials 1 --tenant acme
  ventanilla channel disable 1 --tenant acme --json";

/// A reference to a channel of a tenant.
#[derive(Debug, clap::Args)]
pub struct ChannelRef {
    /// The id of the channel.
    id: ChannelId,
    /// The tenant of the channel.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
}

impl ChannelCommand {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        match self {
            Self::Add(add) => add.run(environment, out).await,
            Self::Credentials(changed) => changed.run(environment, out).await,
            Self::Check(check) => check.run(environment, out).await,
            Self::List { tenant } => list(environment, out, tenant.as_ref()).await,
            Self::Disable(channel_ref) => disable(environment, out, channel_ref).await,
            Self::Enable(channel_ref) => enable(environment, out, channel_ref).await,
            Self::Subscribe(channel_ref) => subscribe(environment, out, channel_ref).await,
        }
    }
}

async fn list(
    environment: &Environment,
    out: &mut Output<'_>,
    tenant: Option<&TenantId>,
) -> Result<ExitStatus, CommandError> {
    let channels = environment.channels(tenant).await?;
    let (mut text, mut all) = (String::new(), Vec::<Value>::new());
    for channel in &channels {
        let check = environment
            .ports
            .health_checks
            .last_check(&channel.tenant, channel.id)
            .await
            .map_err(store_error)?;
        let state = match (channel.disabled_at, &check) {
            (Some(at), _) => format!("disabled since {}", at.iso_seconds()),
            (None, Some(check)) => {
                let word = match check.connection() {
                    Connectivity::Connected => "connected",
                    Connectivity::NotConnected => "not connected",
                    Connectivity::Unknown => "unknown",
                };
                format!("{word} at {}", check.checked_at.iso_seconds())
            }
            (None, None) => "never checked".to_owned(),
        };
        let provider = channel.access.provider();
        let (tenant, id, number) = (&channel.tenant, channel.id, channel.number.e164());
        // Writing to a string cannot fail.
        let _ = write!(text, "{tenant}  {id}  {number}  {provider}  {state}");
        if let Some(name) = &channel.name {
            let _ = write!(text, "  {:?}", name.as_str());
        }
        text.push('\n');
        all.push(json::channel(channel, check.as_ref()));
    }
    if channels.is_empty() {
        text.push_str("there are no channels");
    }
    out.write(&text, &json!({ "channels": all }))?;
    Ok(ExitStatus::Success)
}

async fn disable(
    environment: &Environment,
    out: &mut Output<'_>,
    channel_ref: &ChannelRef,
) -> Result<ExitStatus, CommandError> {
    let channel = environment.channel(&channel_ref.tenant, channel_ref.id).await?;
    let disabled_at = channel.disabled_at.or(Some(environment.ports.ctx.ids.now()));
    let text = format!("channel {} is disabled; it still receives webhooks", channel_ref.id);
    put(environment, out, Record { disabled_at, ..channel }, &text).await
}

async fn enable(
    environment: &Environment,
    out: &mut Output<'_>,
    channel_ref: &ChannelRef,
) -> Result<ExitStatus, CommandError> {
    let channel = environment.channel(&channel_ref.tenant, channel_ref.id).await?;
    let text = format!("channel {} is enabled", channel_ref.id);
    put(environment, out, Record { disabled_at: None, ..channel }, &text).await
}

async fn put(
    environment: &Environment,
    out: &mut Output<'_>,
    channel: Record,
    text: &str,
) -> Result<ExitStatus, CommandError> {
    environment.table.put_channel(&channel).await.map_err(CommandError::other)?;
    let check =
        environment.ports.health_checks.last_check(&channel.tenant, channel.id).await.map_err(store_error)?;
    out.write(text, &json!({ "channel": json::channel(&channel, check.as_ref()) }))?;
    Ok(ExitStatus::Success)
}

async fn subscribe(
    environment: &Environment,
    out: &mut Output<'_>,
    channel_ref: &ChannelRef,
) -> Result<ExitStatus, CommandError> {
    let channel = environment.channel(&channel_ref.tenant, channel_ref.id).await?;
    environment.health_checks().subscribe_channel(&channel, environment.means()).await.map_err(
        |failure| match failure {
            SendFailure::Refused(rejection) => {
                let detail = rejection.detail.unwrap_or_default();
                CommandError::other(
                    format!("the provider rejected the request: {} {detail}", rejection.reason.code())
                        .trim_end(),
                )
            }
            SendFailure::Ambiguous(seen) => CommandError::other(format!("the outcome is unknown: {seen}")),
        },
    )?;
    let text = format!("the app is subscribed to the webhooks of channel {}'s account", channel_ref.id);
    out.write(&text, &json!({ "channel": json::channel(&channel, None), "subscribed": true }))?;
    Ok(ExitStatus::Success)
}

/// The path of a channel's webhooks, below our public URL.
pub(super) fn callback_path(channel: &Record, fields: &credentials::CredentialFields) -> String {
    channel.access.app_webhook_path().unwrap_or_else(|| {
        let secret = fields.get("callback_secret").map_or("<callback_secret>", ExposeSecret::expose_secret);
        format!("/webhooks/{}/{}/{secret}", channel.access.provider(), channel.id)
    })
}
