//! The options of `channel add` that are the providers' own: one for each field of their channels that is no credential.

use clap::{
    Arg, ArgMatches, Args, Command, Error, FromArgMatches,
    builder::{EnumValueParser, PossibleValuesParser},
};
use serde_json::{Map, Value};
use ventanilla::whatsapp::{
    channel_config::{Setting, SettingKind},
    registry::Registry,
};

use super::add_channel::OnOff;

/// What the options of providers say, by the names of their fields.
#[derive(Debug)]
pub(super) struct ProviderOptions(pub(super) Map<String, Value>);

/// The names of providers.
pub(super) fn provider_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Registry::default().iter().map(|provider| provider.name))
}

/// The options, each with the providers that need it.
fn settings() -> Vec<(&'static Setting, Vec<&'static str>)> {
    let mut all: Vec<(&'static Setting, Vec<&'static str>)> = Vec::new();
    for provider in Registry::default().iter() {
        for setting in provider.settings.iter().filter(|setting| setting.kind != SettingKind::Secret) {
            let needed = matches!(setting.kind, SettingKind::Required(_)).then_some(provider.name);
            match all.iter_mut().find(|(known, _)| known.name == setting.name) {
                // Several providers may have a field of the same name.
                Some((_, needing)) => needing.extend(needed),
                None => all.push((setting, needed.into_iter().collect())),
            }
        }
    }
    all
}

impl Args for ProviderOptions {
    fn augment_args(command: Command) -> Command {
        settings().into_iter().fold(command, |command, (setting, needing)| {
            let option = Arg::new(setting.name).long(setting.name.replace('_', "-")).help(setting.help);
            let option = match setting.kind {
                SettingKind::Required(value) | SettingKind::Optional(value) => option.value_name(value),
                SettingKind::Switch => {
                    option.value_name("ON_OFF").value_parser(EnumValueParser::<OnOff>::new())
                }
                SettingKind::Secret => option,
            };
            command.arg(option.required_if_eq_any(needing.into_iter().map(|name| ("provider", name))))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ProviderOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = settings().into_iter().filter_map(|(setting, _)| {
            let value: Option<Value> = match setting.kind {
                SettingKind::Switch => {
                    matches.get_one::<OnOff>(setting.name).map(|it| (*it == OnOff::On).into())
                }
                _ => matches.get_one::<String>(setting.name).map(|text| text.as_str().into()),
            };
            Some((setting.name.to_owned(), value?))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
