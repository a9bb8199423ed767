//! The findings of a health check: severity, meaning and remedy of each.

use ventanilla::{
    domain::{health_check::CheckOutcome, id::AppId, phone::Phone, time::Timestamp},
    ports::health_check::SetAt,
};

/// A fault of a channel, or something that could not be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An operator disabled the channel.
    Disabled {
        /// When it was disabled.
        since: Timestamp,
    },
    /// No source has credentials for the channel.
    NoCredentials,
    /// The source of the credentials cannot be reached.
    CredentialsUnavailable,
    /// The channel's credentials are those of another provider.
    ForeignCredentials,
    /// No source has the app secret that signs webhooks.
    NoAppSecret {
        /// The app without a secret.
        app: AppId,
    },
    /// The app's secret has no verify token for the handshake.
    NoVerifyToken {
        /// The app without a verify token.
        app: AppId,
    },
    /// The provider rejects the credentials.
    CredentialsRefused {
        /// The provider's error text.
        detail: String,
    },
    /// The token has expired or is invalid.
    TokenEnded {
        /// When it expired, where that is known.
        at: Option<Timestamp>,
    },
    /// The token expires soon.
    TokenEnds {
        /// When the token expires, by the provider's word.
        at: Timestamp,
    },
    /// The token lacks a permission.
    TokenLacks {
        /// The missing permission, in Meta's word.
        scope: &'static str,
    },
    /// The provider did not report when the token expires.
    TokenNotReported {
        /// The provider's error text.
        detail: String,
    },
    /// The provider has no such number, or not for these credentials.
    NumberMissing {
        /// The provider's error text.
        detail: String,
    },
    /// The provider has another number for this channel.
    NumberDiffers {
        /// The number at the provider.
        theirs: Phone,
    },
    /// The account is on the other generation of the provider's API.
    OtherApi,
    /// The provider did not report the number.
    NumberNotReported {
        /// A description of the failed call.
        detail: String,
    },
    /// The number's status does not allow sending.
    NumberUnusable {
        /// Its status in the provider's words.
        status: String,
    },
    /// The number can be used, temporarily or in part.
    NumberRestricted {
        /// Its status in the provider's words.
        status: String,
    },
    /// The number's quality rating is low.
    QualityLow {
        /// The rating: `YELLOW` or `RED`.
        quality: String,
    },
    /// The provider did not report the number's status and webhook URL.
    HealthNotReported {
        /// A description of the failed call.
        detail: String,
    },
    /// No app, or not ours, is subscribed to the number's account.
    NotSubscribed {
        /// The provider's id of our app, where it is known.
        app: Option<String>,
    },
    /// The provider did not report which apps are subscribed.
    ListenersNotReported {
        /// A description of the failed call.
        detail: String,
    },
    /// The secret that we check signatures with is not the app's.
    AppSecretWrong,
    /// The app has no webhook for WhatsApp, or it is switched off.
    NoWebhook,
    /// The app's webhook is not subscribed to messages.
    MessagesNotSubscribed,
    /// The provider did not report the app's webhook.
    WebhookNotReported {
        /// A description of the failed call.
        detail: String,
    },
    /// The provider has no URL for webhooks.
    WebhookNotConfigured,
    /// Webhooks go to another URL.
    CallbackElsewhere {
        /// The configured URL, redacted.
        url: String,
        /// Where that URL is configured.
        set_at: SetAt,
        /// The URL that is expected, or its end.
        expected: String,
    },
    /// Our own webhook URL does not answer the handshake correctly.
    HandshakeRefused {
        /// The HTTP status of the response.
        status: u16,
    },
    /// Our own webhook URL does not respond.
    HandshakeUnreachable,
    /// The templates cannot be listed.
    TemplatesUnreadable {
        /// The provider's error text, or a description of the failure.
        detail: String,
    },
    /// The account that the templates belong to is not known.
    NoTemplateAccount,
    /// No customer's message ever arrived on the channel.
    NeverHeard,
    /// No customer's message arrived on the channel for days.
    NotHeardSince {
        /// The time of the last message.
        at: Timestamp,
    },
    /// Webhooks arrived lately that belong to no channel.
    StrayCallbacks {
        /// The number of these webhooks.
        count: usize,
    },
}

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing to fix, but good to know.
    Note,
    /// It works with a fault; or it could not be checked.
    Warning,
    /// Messages are not sent, or not received.
    Failure,
}

/// The direction that a finding concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Messages from the company to customers.
    Sending,
    /// Messages and statuses from the provider.
    Receiving,
    /// Both sending and receiving.
    Both,
}

impl Severity {
    /// The name of the severity in output.
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
    /// The name of the direction in output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Receiving => "receiving",
            Self::Both => "both",
        }
    }
}

/// The result of a check with these findings.
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
            Self::TokenNotReported { .. } => "token_untold",
            Self::NumberMissing { .. } => "number_missing",
            Self::NumberDiffers { .. } => "number_differs",
            Self::OtherApi => "other_api",
            Self::NumberNotReported { .. } => "number_untold",
            Self::NumberUnusable { .. } => "number_unusable",
            Self::NumberRestricted { .. } => "number_restricted",
            Self::QualityLow { .. } => "quality_low",
            Self::HealthNotReported { .. } => "standing_untold",
            Self::NotSubscribed { .. } => "not_subscribed",
            Self::ListenersNotReported { .. } => "listeners_untold",
            Self::AppSecretWrong => "app_secret_wrong",
            Self::NoWebhook => "no_webhook",
            Self::MessagesNotSubscribed => "not_told_of_messages",
            Self::WebhookNotReported { .. } => "webhook_untold",
            Self::WebhookNotConfigured => "callback_nowhere",
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

    /// How severe it is.
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
            | Self::MessagesNotSubscribed
            | Self::WebhookNotConfigured
            | Self::CallbackElsewhere { .. }
            | Self::HandshakeRefused { .. }
            | Self::HandshakeUnreachable => Severity::Failure,
            Self::Disabled { .. }
            | Self::NoVerifyToken { .. }
            | Self::TokenEnds { .. }
            | Self::NumberNotReported { .. }
            | Self::NumberRestricted { .. }
            | Self::QualityLow { .. }
            | Self::TemplatesUnreadable { .. }
            | Self::NoTemplateAccount
            | Self::NeverHeard
            | Self::NotHeardSince { .. }
            | Self::StrayCallbacks { .. } => Severity::Warning,
            Self::TokenNotReported { .. }
            | Self::HealthNotReported { .. }
            | Self::ListenersNotReported { .. }
            | Self::WebhookNotReported { .. } => Severity::Note,
        }
    }

    /// Whether it leaves the channel's health unknown.
    fn blinds(&self) -> bool {
        matches!(self, Self::CredentialsUnavailable | Self::NumberNotReported { .. })
    }

    /// The direction that it concerns.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Disabled { .. }
            | Self::QualityLow { .. }
            | Self::TemplatesUnreadable { .. }
            | Self::NoTemplateAccount => Side::Sending,
            Self::NoAppSecret { .. }
            | Self::NoVerifyToken { .. }
            | Self::HealthNotReported { .. }
            | Self::NotSubscribed { .. }
            | Self::ListenersNotReported { .. }
            | Self::AppSecretWrong
            | Self::NoWebhook
            | Self::MessagesNotSubscribed
            | Self::WebhookNotReported { .. }
            | Self::WebhookNotConfigured
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
            | Self::TokenNotReported { .. }
            | Self::NumberMissing { .. }
            | Self::NumberDiffers { .. }
            | Self::OtherApi
            | Self::NumberNotReported { .. }
            | Self::NumberUnusable { .. }
            | Self::NumberRestricted { .. } => Side::Both,
        }
    }
}
