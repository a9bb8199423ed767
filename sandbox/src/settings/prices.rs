//! What Meta charges (facts: onboarding.md 3).

use serde::{Deserialize, Serialize};

/// Which messages are charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// The rules that apply.
    pub rules: PriceRules,
    /// How many service messages of a number are free in a calendar month (UTC) under [`PriceRules::Since202610`]; 1000
    /// by default.
    pub free_service_messages: u32,
}

/// A generation of Meta's rules, by the day it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PriceRules {
    /// Templates are charged, except those of category utility in an open service window. Service messages are free.
    #[serde(rename = "2025-07-01")]
    Since202507,
    /// All templates are charged, and service messages beyond the free ones. These rules are reported by users, and were
    /// not read on a page of Meta's.
    #[default]
    #[serde(rename = "2026-10-01")]
    Since202610,
}

impl Default for Prices {
    fn default() -> Self {
        Self { rules: PriceRules::default(), free_service_messages: 1000 }
    }
}
