//! Business numbers.

use std::fmt::Write as _;

use clap::Subcommand;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        channel::Channel as Record,
        checkup::Connection,
        id::{ChannelId, TenantId},
    },
    ports::provider::SendFailure,
};

use super::{
    Desk, Ended, Failed, Out,
    add::{Add, Changed},
    check::Check,
    credentials,
    desk::failed,
    view,
};

/// What is done with business numbers.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum Channel {
    /// Add a number, with its credentials from standard input or a file. Also changes one, with --replace.
    Add(Box<Add>),
    /// Change credentials: what is given comes in the place of what is kept.
    Credentials(Changed),
    /// Check a tenant's channels, or one of them: credentials, number, subscription, callbacks, templates.
    Check(Check),
    /// List channels with what their last check found.
    List {
        /// Only those of this tenant.
        #[arg(long, value_name = "ID")]
        tenant: Option<TenantId>,
    },
    /// Let a channel send nothing more; it still takes callbacks. Functions may send for a minute more.
    Disable(Named),
    /// Let a disabled channel send again.
    Enable(Named),
    /// Have the channel's account at Meta tell the app of its token what happens.
    Subscribe(Named),
}

const EXAMPLES: &str = "Examples:
  ventanilla channel add --tenant acme --provider meta --number +15550100001 --app main \\
    --phone-number-id 1001 --waba-id 2001 --credentials meta.json
  ventanilla channel check 1 --tenant acme --public-url https://abc.execute-api.us-east-1.amazonaws.com
  pass show acme/whatsapp | ventanilla channel credentials 1 --tenant acme
  ventanilla channel disable 1 --tenant acme --json";

/// A channel of a tenant.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The channel.
    id: ChannelId,
    /// Whose it is.
    #[arg(long, value_name = "ID")]
    tenant: TenantId,
}

impl Channel {
    pub(super) async fn run(&self, desk: &Desk, out: &mut Out<'_>) -> Result<Ended, Failed> {
        match self {
            Self::Add(add) => add.run(desk, out).await,
            Self::Credentials(changed) => changed.run(desk, out).await,
            Self::Check(check) => check.run(desk, out).await,
            Self::List { tenant } => list(desk, out, tenant.as_ref()).await,
            Self::Disable(named) => disable(desk, out, named).await,
            Self::Enable(named) => enable(desk, out, named).await,
            Self::Subscribe(named) => subscribe(desk, out, named).await,
        }
    }
}

async fn list(desk: &Desk, out: &mut Out<'_>, tenant: Option<&TenantId>) -> Result<Ended, Failed> {
    let channels = desk.channels(tenant).await?;
    let (mut text, mut all) = (String::new(), Vec::<Value>::new());
    for channel in &channels {
        let check = desk.app.core.checkups.last_check(&channel.tenant, channel.id).await.map_err(failed)?;
        let state = match (channel.disabled_at, &check) {
            (Some(at), _) => format!("disabled since {}", at.iso_seconds()),
            (None, Some(check)) => {
                let word = match check.connection() {
                    Connection::Connected => "connected",
                    Connection::NotConnected => "not connected",
                    Connection::Unknown => "unknown",
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
        all.push(view::channel(channel, check.as_ref()));
    }
    if channels.is_empty() {
        text.push_str("there are no channels");
    }
    out.say(&text, &json!({ "channels": all }))?;
    Ok(Ended::Fine)
}

async fn disable(desk: &Desk, out: &mut Out<'_>, named: &Named) -> Result<Ended, Failed> {
    let channel = desk.channel(&named.tenant, named.id).await?;
    let disabled_at = channel.disabled_at.or(Some(desk.app.core.mint.now()));
    let text = format!("channel {} sends nothing any more; it still takes callbacks", named.id);
    put(desk, out, Record { disabled_at, ..channel }, &text).await
}

async fn enable(desk: &Desk, out: &mut Out<'_>, named: &Named) -> Result<Ended, Failed> {
    let channel = desk.channel(&named.tenant, named.id).await?;
    let text = format!("channel {} sends", named.id);
    put(desk, out, Record { disabled_at: None, ..channel }, &text).await
}

async fn put(desk: &Desk, out: &mut Out<'_>, channel: Record, text: &str) -> Result<Ended, Failed> {
    desk.table.put_channel(&channel).await.map_err(Failed::other)?;
    let check = desk.app.core.checkups.last_check(&channel.tenant, channel.id).await.map_err(failed)?;
    out.say(text, &json!({ "channel": view::channel(&channel, check.as_ref()) }))?;
    Ok(Ended::Fine)
}

async fn subscribe(desk: &Desk, out: &mut Out<'_>, named: &Named) -> Result<Ended, Failed> {
    let channel = desk.channel(&named.tenant, named.id).await?;
    desk.app.core.subscribe_channel(&channel, desk.means()).await.map_err(|failure| match failure {
        SendFailure::Refused(rejection) => {
            let detail = rejection.detail.unwrap_or_default();
            Failed::other(format!("the provider refuses: {} {detail}", rejection.reason.code()).trim_end())
        }
        SendFailure::Ambiguous(seen) => Failed::other(format!("the provider did not say yes: {seen}")),
    })?;
    let text = format!("the account of channel {} tells the app of its token", named.id);
    out.say(&text, &json!({ "channel": view::channel(&channel, None), "subscribed": true }))?;
    Ok(Ended::Fine)
}

/// Where a provider sends a channel's callbacks, below our public address.
pub(super) fn callback_path(channel: &Record, fields: &credentials::Fields) -> String {
    channel.access.app_webhook_path().unwrap_or_else(|| {
        let secret = fields.get("callback_secret").map_or("<callback_secret>", ExposeSecret::expose_secret);
        format!("/webhooks/{}/{}/{secret}", channel.access.provider(), channel.id)
    })
}
