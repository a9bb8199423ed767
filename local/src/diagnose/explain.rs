//! Explanations of findings for people: what each means, and how to fix it.

use ventanilla::ports::health_check::SetAt;

use super::Finding;

impl Finding {
    /// What it means, as a sentence. Contains no secret.
    #[must_use]
    pub fn meaning(&self) -> String {
        match self {
            Self::Disabled { since } => {
                format!("The channel is disabled since {}: it sends nothing.", since.iso_seconds())
            }
            Self::NoCredentials => "There are no credentials of this channel.".to_owned(),
            Self::CredentialsUnavailable => "The store of the credentials cannot be reached.".to_owned(),
            Self::ForeignCredentials => "The credentials are those of another provider.".to_owned(),
            Self::NoAppSecret { app } => {
                format!("There is no secret of app {app}: all its webhooks are rejected as unsigned.")
            }
            Self::NoVerifyToken { app } => {
                format!("App {app} has no verify token: a new webhook URL cannot be verified.")
            }
            Self::CredentialsRefused { detail } => {
                format!("The provider rejects the credentials ({detail}).")
            }
            Self::TokenEnded { at: Some(at) } => format!("The token expired at {}.", at.iso_seconds()),
            Self::TokenEnded { at: None } => "The token is not valid any more.".to_owned(),
            Self::TokenEnds { at } => format!("The token expires at {}.", at.iso_seconds()),
            Self::TokenLacks { scope } => format!("The token lacks the permission {scope}."),
            Self::TokenNotReported { detail } => {
                format!("The provider did not report when the token expires ({detail}).")
            }
            Self::NumberMissing { detail } => {
                format!("The provider has no such number for these credentials ({detail}).")
            }
            Self::NumberDiffers { theirs } => {
                format!(
                    "The provider's number for this id ends in {}: it is another.",
                    ending(&theirs.e164())
                )
            }
            Self::OtherApi => "The account is on the other generation of Kaleyra's API.".to_owned(),
            Self::NumberNotReported { detail } => {
                format!("The provider could not be asked about the number ({detail}).")
            }
            Self::NumberUnusable { status } => format!("The number cannot be used: it is {status}."),
            Self::NumberRestricted { status } => format!("The number is {status}."),
            Self::QualityLow { quality } => {
                format!("The number's quality is {quality}: customers block or report its messages.")
            }
            other => other.meaning_of_receiving(),
        }
    }

    /// The remaining findings: about webhooks and templates.
    fn meaning_of_receiving(&self) -> String {
        match self {
            Self::HealthNotReported { detail } => {
                format!("The provider did not report where webhooks go ({detail}).")
            }
            Self::NotSubscribed { app: Some(app) } => {
                format!("The account is not subscribed by our app ({app}): no webhook is sent to it.")
            }
            Self::NotSubscribed { app: None } => {
                "The account is subscribed by no app: no webhook is sent.".to_owned()
            }
            Self::ListenersNotReported { detail } => {
                format!("The provider did not report which apps are subscribed to the account ({detail}).")
            }
            Self::AppSecretWrong => {
                "The app secret is not that of the token's app: webhooks are rejected for their signature."
                    .to_owned()
            }
            Self::NoWebhook => "The app has no webhook for WhatsApp, or it is switched off.".to_owned(),
            Self::MessagesNotSubscribed => "The app's webhook is not subscribed to `messages`.".to_owned(),
            Self::WebhookNotReported { detail } => {
                format!("The provider did not report the app's webhook ({detail}).")
            }
            Self::WebhookNotConfigured => "The provider has no URL to send webhooks to.".to_owned(),
            Self::CallbackElsewhere { url, set_at, expected } => {
                let place = match set_at {
                    SetAt::Number => "the number",
                    SetAt::Account => "the account",
                    SetAt::App => "the app",
                };
                format!("Webhooks go to {url} (set at {place}), not to {expected}.")
            }
            Self::HandshakeRefused { status } => {
                format!(
                    "Our webhook URL answered the handshake with {status}: another verify token, or another server."
                )
            }
            Self::HandshakeUnreachable => "Our webhook URL does not respond.".to_owned(),
            Self::TemplatesUnreadable { detail } => format!("The templates cannot be read ({detail})."),
            Self::NoTemplateAccount => "The channel has no account id: templates are not checked.".to_owned(),
            Self::NeverHeard => "No customer has written on this channel yet.".to_owned(),
            Self::NotHeardSince { at } => format!("The last customer wrote at {}.", at.iso_seconds()),
            Self::StrayCallbacks { count } => {
                format!("{count} webhooks of the last two hours belong to no channel.")
            }
            // `meaning` explains all others.
            _ => String::new(),
        }
    }

    /// How to fix it, as a sentence.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Disabled { .. } => "ventanilla channel enable",
            Self::NoCredentials | Self::ForeignCredentials => "ventanilla channel credentials",
            Self::CredentialsUnavailable => "Check Secrets Manager, its key and the permissions to read it.",
            Self::NoAppSecret { .. } | Self::AppSecretWrong => {
                "Put app_secret of the app's basic settings in with ventanilla channel credentials."
            }
            Self::NoVerifyToken { .. } => "Put verify_token in with ventanilla channel credentials.",
            Self::CredentialsRefused { .. } | Self::TokenEnded { .. } => {
                "Make a new token (of a system user, for Meta) and put it in with ventanilla channel credentials."
            }
            Self::TokenEnds { .. } => {
                "Make a token of a system user that does not expire, before this one does."
            }
            Self::TokenLacks { .. } => "Make the token again with both permissions of WhatsApp Business.",
            Self::TokenNotReported { .. }
            | Self::HealthNotReported { .. }
            | Self::ListenersNotReported { .. }
            | Self::WebhookNotReported { .. } => {
                "Nothing, unless something else is wrong: look there by hand."
            }
            Self::NumberMissing { .. } => {
                "Compare phone number id or number and account, and give the token's user the account."
            }
            Self::NumberDiffers { .. } => "Add the channel again with the right number or the right id.",
            Self::OtherApi => "Add the channel again with the other --api.",
            Self::NumberNotReported { .. } => "Try again in a few minutes.",
            Self::NumberUnusable { .. } => "Register or connect the number at the provider.",
            Self::NumberRestricted { .. } => "Look at the number in the provider's console.",
            Self::QualityLow { .. } => "Send less that customers did not ask for; see who opts out.",
            Self::NotSubscribed { .. } => "ventanilla channel subscribe",
            Self::NoWebhook | Self::WebhookNotConfigured => {
                "Enter webhook URL and verify token in the app's WhatsApp configuration."
            }
            Self::MessagesNotSubscribed => "Subscribe to `messages` in the app's WhatsApp configuration.",
            Self::CallbackElsewhere { .. } => {
                "Enter our URL there, or remove an override of the number or account."
            }
            Self::HandshakeRefused { .. } => {
                "Compare URL and verify token; secrets are read again after five minutes at the latest."
            }
            Self::HandshakeUnreachable => "Look at the stack's outputs, DNS and the certificate.",
            Self::TemplatesUnreadable { .. } => {
                "Give the token the permission to manage the account; compare its id."
            }
            Self::NoTemplateAccount => "Add the channel again with --waba-id.",
            Self::NeverHeard => "Write to the number from a phone, then check again.",
            Self::NotHeardSince { .. } => "If customers did write: see what else was found, and the alarms.",
            Self::StrayCallbacks { .. } => {
                "Their phone_number_id is no channel's: compare it; then ventanilla replay ingests them."
            }
        }
    }
}

/// The last four digits: logs contain no whole number.
fn ending(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default()
}
