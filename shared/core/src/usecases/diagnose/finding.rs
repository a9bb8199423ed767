//! What a check may find, how bad it is, what it means and what to do about it.

use crate::{
    domain::{checkup::CheckOutcome, id::AppId, phone::Phone, time::Timestamp},
    ports::checkup::SetAt,
};

/// Something that is not as it should be, or could not be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An operator disabled the channel.
    Disabled {
        /// When.
        since: Timestamp,
    },
    /// Nobody has credentials of the channel.
    NoCredentials,
    /// The place of the credentials cannot be reached.
    CredentialsUnavailable,
    /// The channel's credentials are those of another provider.
    ForeignCredentials,
    /// Nobody has the secret that the app signs callbacks with.
    NoAppSecret {
        /// The app.
        app: AppId,
    },
    /// The app's secret has no token for the handshake.
    NoVerifyToken {
        /// The app.
        app: AppId,
    },
    /// The provider does not take the credentials.
    CredentialsRefused {
        /// In its words.
        detail: String,
    },
    /// The token is not valid any more.
    TokenEnded {
        /// Since when, where that is known.
        at: Option<Timestamp>,
    },
    /// The token will end.
    TokenEnds {
        /// When.
        at: Timestamp,
    },
    /// The token lacks a right.
    TokenLacks {
        /// Which.
        scope: &'static str,
    },
    /// The provider does not tell how long the token is valid.
    TokenUntold {
        /// In its words.
        detail: String,
    },
    /// The provider has no such number, or not for these credentials.
    NumberMissing {
        /// In its words.
        detail: String,
    },
    /// The provider's number is another than ours.
    NumberDiffers {
        /// The provider's.
        theirs: Phone,
    },
    /// The account is on the other generation of the provider's API.
    OtherApi,
    /// The provider did not tell of the number.
    NumberUntold {
        /// What was seen.
        detail: String,
    },
    /// The number cannot be used.
    NumberUnusable {
        /// Its status in the provider's words.
        status: String,
    },
    /// The number can be used, for the time being or in part.
    NumberRestricted {
        /// Its status in the provider's words.
        status: String,
    },
    /// Customers complain of the number's messages.
    QualityLow {
        /// `YELLOW` or `RED`.
        quality: String,
    },
    /// The provider did not tell how the number stands and where its callbacks go.
    StandingUntold {
        /// What was seen.
        detail: String,
    },
    /// No app, or not ours, hears of the number's account.
    NotSubscribed {
        /// The provider's id of our app, where it is known.
        app: Option<String>,
    },
    /// The provider did not tell which apps hear of the account.
    ListenersUntold {
        /// What was seen.
        detail: String,
    },
    /// The secret that we check signatures with is not the app's.
    AppSecretWrong,
    /// The app has no webhook for WhatsApp, or it is switched off.
    NoWebhook,
    /// The app's webhook is not told of messages.
    NotToldOfMessages,
    /// The provider did not tell of the app's webhook.
    WebhookUntold {
        /// What was seen.
        detail: String,
    },
    /// The provider has no address for the callbacks.
    CallbackNowhere,
    /// The callbacks go somewhere else.
    CallbackElsewhere {
        /// Where they go.
        url: String,
        /// Where that is set.
        set_at: SetAt,
        /// Where they should go, or how the address should end.
        expected: String,
    },
    /// Our own address does not answer the handshake as it should.
    HandshakeRefused {
        /// The HTTP status of its answer.
        status: u16,
    },
    /// Nobody answers at our own address.
    HandshakeUnreachable,
    /// The templates cannot be read.
    TemplatesUnreadable {
        /// Why.
        detail: String,
    },
    /// The account of the templates is not known.
    NoTemplateAccount,
    /// No customer was ever heard on the channel.
    NeverHeard,
    /// No customer was heard on the channel for days.
    NotHeardSince {
        /// The last time.
        at: Timestamp,
    },
    /// Callbacks came lately that lead to no channel.
    StrayCallbacks {
        /// How many.
        count: usize,
    },
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// It works, and something should be looked at; or it could not be seen.
    Warning,
    /// Messages do not go out, or do not come in.
    Failure,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Messages to customers.
    Sending,
    /// Messages and statuses from the provider.
    Receiving,
    /// Both.
    Both,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

impl Side {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Receiving => "receiving",
            Self::Both => "both",
        }
    }
}

/// How a channel stands with all of these.
#[must_use]
pub fn outcome(findings: &[Finding]) -> CheckOutcome {
    let (blind, seen): (Vec<_>, Vec<_>) = findings.iter().partition(|it| it.blinds());
    match seen.iter().map(|it| it.severity()).max() {
        Some(Severity::Failure) => CheckOutcome::Failed,
        _ if !blind.is_empty() => CheckOutcome::Unknown,
        Some(Severity::Warning) => CheckOutcome::Warned,
        Some(Severity::Note) | None => CheckOutcome::Fine,
    }
}

impl Finding {
    /// The stable machine-readable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Disabled { .. } => "disabled",
            Self::NoCredentials => "no_credentials",
            Self::CredentialsUnavailable => "credentials_unavailable",
            Self::ForeignCredentials => "foreign_credentials",
            Self::NoAppSecret { .. } => "no_app_secret",
            Self::NoVerifyToken { .. } => "no_verify_token",
            Self::CredentialsRefused { .. } => "credentials_refused",
            Self::TokenEnded { .. } => "token_ended",
            Self::TokenEnds { .. } => "token_ends",
            Self::TokenLacks { .. } => "token_lacks_right",
            Self::TokenUntold { .. } => "token_untold",
            Self::NumberMissing { .. } => "number_missing",
            Self::NumberDiffers { .. } => "number_differs",
            Self::OtherApi => "other_api",
            Self::NumberUntold { .. } => "number_untold",
            Self::NumberUnusable { .. } => "number_unusable",
            Self::NumberRestricted { .. } => "number_restricted",
            Self::QualityLow { .. } => "quality_low",
            Self::StandingUntold { .. } => "standing_untold",
            Self::NotSubscribed { .. } => "not_subscribed",
            Self::ListenersUntold { .. } => "listeners_untold",
            Self::AppSecretWrong => "app_secret_wrong",
            Self::NoWebhook => "no_webhook",
            Self::NotToldOfMessages => "not_told_of_messages",
            Self::WebhookUntold { .. } => "webhook_untold",
            Self::CallbackNowhere => "callback_nowhere",
            Self::CallbackElsewhere { .. } => "callback_elsewhere",
            Self::HandshakeRefused { .. } => "handshake_refused",
            Self::HandshakeUnreachable => "handshake_unreachable",
            Self::TemplatesUnreadable { .. } => "templates_unreadable",
            Self::NoTemplateAccount => "no_template_account",
            Self::NeverHeard => "never_heard",
            Self::NotHeardSince { .. } => "not_heard_since",
            Self::StrayCallbacks { .. } => "stray_callbacks",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::NoCredentials
            | Self::CredentialsUnavailable
            | Self::ForeignCredentials
            | Self::NoAppSecret { .. }
            | Self::CredentialsRefused { .. }
            | Self::TokenEnded { .. }
            | Self::TokenLacks { .. }
            | Self::NumberMissing { .. }
            | Self::NumberDiffers { .. }
            | Self::OtherApi
            | Self::NumberUnusable { .. }
            | Self::NotSubscribed { .. }
            | Self::AppSecretWrong
            | Self::NoWebhook
            | Self::NotToldOfMessages
            | Self::CallbackNowhere
            | Self::CallbackElsewhere { .. }
            | Self::HandshakeRefused { .. }
            | Self::HandshakeUnreachable => Severity::Failure,
            Self::Disabled { .. }
            | Self::NoVerifyToken { .. }
            | Self::TokenEnds { .. }
            | Self::NumberUntold { .. }
            | Self::NumberRestricted { .. }
            | Self::QualityLow { .. }
            | Self::TemplatesUnreadable { .. }
            | Self::NoTemplateAccount
            | Self::NeverHeard
            | Self::NotHeardSince { .. }
            | Self::StrayCallbacks { .. } => Severity::Warning,
            Self::TokenUntold { .. }
            | Self::StandingUntold { .. }
            | Self::ListenersUntold { .. }
            | Self::WebhookUntold { .. } => Severity::Note,
        }
    }

    /// Whether it leaves open how the channel stands.
    fn blinds(&self) -> bool {
        matches!(self, Self::CredentialsUnavailable | Self::NumberUntold { .. })
    }

    /// What it is about.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Disabled { .. }
            | Self::QualityLow { .. }
            | Self::TemplatesUnreadable { .. }
            | Self::NoTemplateAccount => Side::Sending,
            Self::NoAppSecret { .. }
            | Self::NoVerifyToken { .. }
            | Self::StandingUntold { .. }
            | Self::NotSubscribed { .. }
            | Self::ListenersUntold { .. }
            | Self::AppSecretWrong
            | Self::NoWebhook
            | Self::NotToldOfMessages
            | Self::WebhookUntold { .. }
            | Self::CallbackNowhere
            | Self::CallbackElsewhere { .. }
            | Self::HandshakeRefused { .. }
            | Self::HandshakeUnreachable
            | Self::NeverHeard
            | Self::NotHeardSince { .. }
            | Self::StrayCallbacks { .. } => Side::Receiving,
            Self::NoCredentials
            | Self::CredentialsUnavailable
            | Self::ForeignCredentials
            | Self::CredentialsRefused { .. }
            | Self::TokenEnded { .. }
            | Self::TokenEnds { .. }
            | Self::TokenLacks { .. }
            | Self::TokenUntold { .. }
            | Self::NumberMissing { .. }
            | Self::NumberDiffers { .. }
            | Self::OtherApi
            | Self::NumberUntold { .. }
            | Self::NumberUnusable { .. }
            | Self::NumberRestricted { .. } => Side::Both,
        }
    }
}
