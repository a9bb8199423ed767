//! Settings of the core that an operator may change.

use std::time::Duration;

/// Settings of the core, the same for all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long webhooks are archived.
    pub raw_kept: Duration,
    /// How long files are kept.
    pub files_kept: Duration,
    /// How long a customer's message waits for its file before clients get it without.
    pub file_patience: Duration,
    /// How long the first status may take after the provider accepted a message. Then the message counts as
    /// silent, and is reported.
    pub status_patience: Duration,
    /// The longest time for which a caller may wait for an event. Each waiting caller occupies one
    /// invocation of a function.
    pub event_wait: Duration,
    /// Words with which a customer opts out of marketing, each as a message of its own, regardless of case
    /// and accents.
    pub stop_words: Vec<String>,
    /// Words with which a customer opts in again, in the same way.
    pub start_words: Vec<String>,
}

/// Opt-out words, in the languages of our tenants' customers. `alto` is not one: it also means `high`, and
/// is a family name.
const STOP_WORDS: [&str; 24] = [
    "stop",
    "unsubscribe",
    "opt out",
    "optout",
    "cancel", // English
    "baja",
    "salir",
    "parar",
    "cancelar",
    "darme de baja",
    "dar de baja",
    "desuscribir", // Spanish
    "sair",
    "descadastrar",
    "cancelar inscricao", // Portuguese
    "arreter",
    "arret",
    "desabonner", // French
    "stopp",
    "abmelden",
    "abbestellen", // German
    "annulla",
    "disiscrivi",
    "disiscrivimi", // Italian
];

/// Opt-in words, in the same languages.
const START_WORDS: [&str; 12] = [
    "start",
    "unstop",
    "subscribe", // English
    "alta",
    "darme de alta",
    "suscribir", // Spanish
    "reativar",
    "inscrever", // Portuguese
    "reprendre",
    "anmelden", // French, German
    "iscrivi",
    "iscrivimi", // Italian
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            raw_kept: Duration::from_hours(30 * 24),
            files_kept: Duration::from_hours(90 * 24),
            file_patience: Duration::from_secs(10),
            status_patience: Duration::from_mins(30),
            event_wait: Duration::from_secs(20),
            stop_words: STOP_WORDS.map(str::to_owned).into(),
            start_words: START_WORDS.map(str::to_owned).into(),
        }
    }
}
