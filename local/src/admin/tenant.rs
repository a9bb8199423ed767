//! The commands for tenants.

use std::fmt::Write as _;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        caller,
        conversation::{ClosedAssignee, ClosesTo, ClosingPolicy},
        id::{ChannelId, TenantId},
        phrases::has_words,
    },
    ports::directory::Directory,
};

use super::{CommandError, Environment, ExitStatus, Output, environment::store_error, json};

/// Commands that manage tenants.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  ventanilla tenant add acme --default-channel 1\n  ventanilla tenant set acme \
                  --handoff-phrase operador --handoff-phrase \"hablar con humano\"\n  ventanilla tenant set acme \
                  --close-assignee same\n  ventanilla tenant list --json"
)]
pub enum TenantCommand {
    /// Add a tenant, one for each company.
    Add {
        /// The tenant's id: 1 to 48 characters of a-z, 0-9 and -.
        id: TenantId,
        /// The channel for requests without one. It may be added later.
        #[arg(long, value_name = "ID")]
        default_channel: ChannelId,
        /// A phrase with which a customer requests a person, anywhere in a message. May be given several times.
        #[arg(long = "handoff-phrase", value_name = "TEXT", value_parser = phrase)]
        handoff_phrases: Vec<String>,
        /// Who answers when the customer of a closed conversation writes again: the bot, or the same as before.
        #[arg(long, value_name = "WHO")]
        close_to: Option<CloseTo>,
        /// The assignee then: none, or the same as before.
        #[arg(long, value_name = "WHO")]
        close_assignee: Option<CloseAssignee>,
        /// Whether the tenant has a bot. Creating a key of kind bot sets this as well.
        #[arg(long, value_name = "WHETHER")]
        bot: Option<HasBot>,
    },
    /// Change a tenant's settings. Settings without an option stay.
    Set {
        /// The id of the tenant.
        id: TenantId,
        #[command(flatten)]
        settings: TenantSettings,
    },
    /// List all tenants with their settings.
    List,
}

/// The settings to change; at least one.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct TenantSettings {
    /// The channel for requests without one.
    #[arg(long, value_name = "ID")]
    default_channel: Option<ChannelId>,
    /// A phrase with which a customer requests a person, anywhere in a message. May be given several times; replaces
    /// all existing phrases.
    #[arg(long = "handoff-phrase", value_name = "TEXT", value_parser = phrase)]
    handoff_phrases: Vec<String>,
    /// Remove all handoff phrases.
    #[arg(long, conflicts_with = "handoff_phrases")]
    no_handoff_phrases: bool,
    /// Who answers when the customer of a closed conversation writes again: the bot, or the same as before.
    #[arg(long, value_name = "WHO")]
    close_to: Option<CloseTo>,
    /// The assignee then: none, or the same as before.
    #[arg(long, value_name = "WHO")]
    close_assignee: Option<CloseAssignee>,
    /// Whether the tenant has a bot.
    #[arg(long, value_name = "WHETHER")]
    bot: Option<HasBot>,
}

/// Whether a tenant has a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HasBot {
    /// A bot answers first.
    Yes,
    /// Only people answer customers.
    No,
}

/// Who answers after a conversation was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloseTo {
    /// The bot answers again.
    Bot,
    /// Whoever answered before: bot or people.
    Same,
}

/// The assignee after a conversation was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloseAssignee {
    /// No assignee, until somebody takes it.
    None,
    /// The same assignee as before.
    Same,
}

/// The closing policy with the given options.
fn closing(known: ClosingPolicy, to: Option<CloseTo>, assignee: Option<CloseAssignee>) -> ClosingPolicy {
    ClosingPolicy {
        handled_by: to.map_or(known.handled_by, |who| match who {
            CloseTo::Bot => ClosesTo::Bot,
            CloseTo::Same => ClosesTo::Same,
        }),
        assignee: assignee.map_or(known.assignee, |who| match who {
            CloseAssignee::None => ClosedAssignee::None,
            CloseAssignee::Same => ClosedAssignee::Same,
        }),
    }
}

/// Validates a phrase by the rules of the config file.
fn phrase(text: &str) -> Result<String, &'static str> {
    if !has_words(text) {
        return Err("a phrase must have a word");
    }
    if text.chars().any(char::is_control) {
        return Err("a phrase must have no control character");
    }
    Ok(text.to_owned())
}

impl TenantSettings {
    /// The tenant with these settings.
    async fn apply_to(
        &self,
        environment: &Environment,
        known: caller::Tenant,
    ) -> Result<caller::Tenant, CommandError> {
        if let Some(channel) = self.default_channel {
            environment.channel(&known.id, channel).await?;
        }
        let default_channel = self.default_channel.unwrap_or(known.default_channel);
        let unchanged = self.handoff_phrases.is_empty() && !self.no_handoff_phrases;
        let handoff_phrases = if unchanged { known.handoff_phrases } else { self.handoff_phrases.clone() };
        let closing = closing(known.closing, self.close_to, self.close_assignee);
        let bot = self.bot.map_or(known.bot, |bot| bot == HasBot::Yes);
        Ok(caller::Tenant { id: known.id, default_channel, handoff_phrases, closing, bot })
    }
}

impl TenantCommand {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        out: &mut Output<'_>,
    ) -> Result<ExitStatus, CommandError> {
        match self {
            Self::Add { id, default_channel, handoff_phrases, close_to, close_assignee, bot } => {
                if environment.table.tenant(id).await.map_err(store_error)?.is_some() {
                    return Err(CommandError::other(format!("tenant {id} already exists")));
                }
                let (id, default_channel) = (id.clone(), *default_channel);
                let handoff_phrases = handoff_phrases.clone();
                let closing = closing(ClosingPolicy::default(), *close_to, *close_assignee);
                let bot = *bot == Some(HasBot::Yes);
                put(environment, out, caller::Tenant { id, default_channel, handoff_phrases, closing, bot })
                    .await
            }
            Self::Set { id, settings } => {
                let known = environment.tenant(id).await?;
                put(environment, out, settings.apply_to(environment, known).await?).await
            }
            Self::List => list(environment, out).await,
        }
    }
}

async fn put(
    environment: &Environment,
    out: &mut Output<'_>,
    tenant: caller::Tenant,
) -> Result<ExitStatus, CommandError> {
    environment.table.put_tenant(&tenant).await.map_err(store_error)?;
    let (id, channel, phrases) = (&tenant.id, tenant.default_channel, phrases(&tenant));
    let text = format!("tenant {id} is saved; its default channel is {channel}\nhandoff phrases  {phrases}");
    out.write(&text, &json!({ "tenant": json::tenant(&tenant) }))?;
    Ok(ExitStatus::Success)
}

/// The phrases for text output: each in quotes, because they contain spaces; a dash if there are none.
fn phrases(tenant: &caller::Tenant) -> String {
    let all: Vec<String> = tenant.handoff_phrases.iter().map(|phrase| format!("{phrase:?}")).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

async fn list(environment: &Environment, out: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
    let tenants = environment.table.tenants().await.map_err(store_error)?;
    let mut text = String::new();
    for tenant in &tenants {
        let (id, channel, phrases) = (&tenant.id, tenant.default_channel, phrases(tenant));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{id}  default channel {channel}  handoff phrases {phrases}");
    }
    if tenants.is_empty() {
        text.push_str("there are no tenants");
    }
    let all: Vec<Value> = tenants.iter().map(json::tenant).collect();
    out.write(&text, &json!({ "tenants": all }))?;
    Ok(ExitStatus::Success)
}
