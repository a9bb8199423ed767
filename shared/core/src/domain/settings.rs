//! What an operator may set.

use std::time::Duration;

/// Settings of the core, the same for all tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long callbacks are kept as they came.
    pub raw_kept: Duration,
    /// How long files are kept.
    pub files_kept: Duration,
    /// How long a customer's message waits for its file before listeners are told without it.
    pub file_patience: Duration,
    /// How long after the provider took a message its first status is waited for. Then the message
    /// counts as silent, and is reported.
    pub status_patience: Duration,
    /// The longest that a caller may wait for an event. Whoever waits holds a call of a function.
    pub event_wait: Duration,
    /// Words with which a customer stops marketing, each a message of its own, whatever its case and accents.
    pub stop_words: Vec<String>,
    /// Words with which a customer wants marketing again, in the same way.
    pub start_words: Vec<String>,
}

/// Words for "no more", in the languages that customers of our tenants write. `alto` is none: it means `high` as well,
/// and is what people are called.
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

/// Words for "again".
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
