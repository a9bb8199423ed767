//! The functions: one per crate, each with its own role, log, share of concurrency, and no secret in sight.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ventanilla::domain::settings::Settings;

use super::{
    Assertion,
    view::{Function, at, entries, functions, items, target},
};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    ("every crate under functions/ is exactly one function", one_function_per_crate),
    ("functions are built for arm64 unless told otherwise", architecture),
    ("functions are built by cargo-lambda for provided.al2023", build),
    ("every function has a role of its own", own_role),
    ("every function can have a share of the concurrency", reserve),
    ("no secret stands in the environment", environment),
    ("every function is traced", traced),
    ("every function has a log of its own", own_log),
    ("every function is told the settings, within the limits of the code", settings),
    ("inbox alone is told how long callers may wait, which is not at all in a new account", event_wait),
    ("who is told where a further service is has its client, and nobody else", clients),
    ("webhook alone is told the stop words, which may be none", stop_words),
    ("webhook alone is told the start words, which may be none", start_words),
];

fn failing(template: &Value, holds: impl Fn(&Function<'_>) -> bool, fault: &str) -> Vec<String> {
    let found = functions(template);
    if found.is_empty() {
        return vec![format!("no function ({fault})")];
    }
    found
        .iter()
        .filter(|function| !holds(function))
        .map(|function| format!("{} {fault}", function.name))
        .collect()
}

fn one_function_per_crate(template: &Value) -> Vec<String> {
    let mut crates = match crate_directories() {
        Ok(crates) => crates,
        Err(error) => return vec![format!("functions/: {error}")],
    };
    let mut found = Vec::new();
    for function in functions(template) {
        if !crates.remove(function.crate_name()) {
            found.push(format!("{} has no crate, or one that is taken", function.name));
        }
    }
    found.extend(crates.into_iter().map(|name| format!("functions/{name} is not in the template")));
    found
}

fn crate_directories() -> std::io::Result<BTreeSet<String>> {
    let mut crates = BTreeSet::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../functions"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            crates.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(crates)
}

fn architecture(template: &Value) -> Vec<String> {
    let parameter = at(template, "Parameters/Architecture");
    let default =
        at(parameter, "Default") == "arm64" && at(parameter, "AllowedValues") == &json!(["arm64", "x86_64"]);
    let chosen = json!([{ "Ref": "Architecture" }]);
    let holds = |function: &Function<'_>| default && at(&function.properties, "Architectures") == &chosen;
    failing(template, holds, "is not built for arm64 by default")
}

fn build(template: &Value) -> Vec<String> {
    let holds = |function: &Function<'_>| {
        at(&function.properties, "Runtime") == "provided.al2023"
            && at(&function.properties, "Handler") == "bootstrap"
            && at(function.resource, "Metadata/BuildMethod") == "rust-cargolambda"
            && at(function.resource, "Metadata/BuildProperties/Binary") == function.crate_name()
    };
    failing(template, holds, "is not built from its own binary")
}

/// Events for which SAM grants nothing to the function. For those of a queue or a stream it adds a managed policy
/// that is good for every one of the account.
const GRANTLESS: [&str; 2] = ["HttpApi", "ScheduleV2"];

fn own_role(template: &Value) -> Vec<String> {
    let holds = |function: &Function<'_>| {
        let policies = items(at(function.resource, "Properties/Policies"));
        at(&function.properties, "Role").is_null()
            && !function.statements().is_empty()
            && policies.iter().all(|policy| !at(policy, "Statement").is_null())
            && entries(at(&function.properties, "Events"))
                .all(|(_, event)| at(event, "Type").as_str().is_some_and(|kind| GRANTLESS.contains(&kind)))
    };
    failing(template, holds, "shares a role or grants by name")
}

fn reserve(template: &Value) -> Vec<String> {
    let holds = |function: &Function<'_>| {
        let share = at(&function.properties, "ReservedConcurrentExecutions");
        let parameter = format!("{}Concurrency", function.name);
        at(share, "Fn::If/0") == "Reserve" && at(share, "Fn::If/1/Ref") == parameter.as_str()
    };
    failing(template, holds, "has no share of its own")
}

/// Under a key of ours a role would have to open the environment itself, and none may.
fn environment(template: &Value) -> Vec<String> {
    let holds = |function: &Function<'_>| {
        at(&function.properties, "KmsKeyArn").is_null()
            && entries(at(&function.properties, "Environment/Variables"))
                .all(|(name, value)| value.as_str().is_none_or(|text| !is_secret(name, text)))
    };
    failing(template, holds, "carries a literal secret, or has an environment that its role cannot open")
}

/// A literal under a suspicious name, or one that looks like a token: long, and without any space.
fn is_secret(name: &str, value: &str) -> bool {
    let telling = ["SECRET", "TOKEN", "KEY", "PASSWORD"].iter().any(|word| name.contains(word));
    let opaque = value.len() >= 20 && value.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(c));
    telling || opaque
}

fn traced(template: &Value) -> Vec<String> {
    failing(template, |function| at(&function.properties, "Tracing") == "Active", "is not traced")
}

fn own_log(template: &Value) -> Vec<String> {
    let group = |function: &Function<'_>| {
        target(at(&function.properties, "LoggingConfig/LogGroup")).map(str::to_owned)
    };
    let all: Vec<_> = functions(template).iter().filter_map(group).collect();
    let exists = |name: &str| at(template, &format!("Resources/{name}/Type")) == "AWS::Logs::LogGroup";
    let holds = |function: &Function<'_>| {
        at(&function.properties, "LoggingConfig/LogFormat") == "JSON"
            && group(function)
                .is_some_and(|own| exists(&own) && all.iter().filter(|name| **name == own).count() == 1)
    };
    failing(template, holds, "has no JSON log of its own")
}

/// The code rejects a setting at its start that is no whole number from 1 to its largest value.
fn settings(template: &Value) -> Vec<String> {
    let usual = Settings::default();
    let days = usual.raw_kept.as_secs() / (24 * 60 * 60);
    let minutes = usual.status_patience.as_secs() / 60;
    let file_days = usual.files_kept.as_secs() / (24 * 60 * 60);
    let all: [(&str, &str, u64, u64); 3] = [
        ("RawDays", "VENTANILLA_RAW_DAYS", days, 3_650),
        ("FileDays", "VENTANILLA_FILE_DAYS", file_days, 3_650),
        ("SilentAfterMinutes", "VENTANILLA_SILENT_AFTER_MINUTES", minutes, 10_080),
    ];
    let mut faults = Vec::new();
    for (name, variable, default, most) in all {
        let parameter = at(template, &format!("Parameters/{name}"));
        let as_in_the_code = at(parameter, "Type") == "Number"
            && at(parameter, "Default") == default
            && at(parameter, "MinValue") == 1
            && at(parameter, "MaxValue") == most;
        if !as_in_the_code {
            faults.push(format!("{name} has another default or other limits than the code"));
        }
        let path = format!("Environment/Variables/{variable}/Ref");
        let told = |function: &Function<'_>| at(&function.properties, &path) == name;
        faults.extend(failing(template, told, &format!("is not told {name}")));
    }
    faults
}

/// Whoever waits holds one of the account's concurrent executions, of which a new one has few.
fn event_wait(template: &Value) -> Vec<String> {
    let parameter = at(template, "Parameters/EventWaitSeconds");
    let as_in_the_code = at(parameter, "Type") == "Number"
        && at(parameter, "Default") == 0
        && at(parameter, "MinValue") == 0
        && at(parameter, "MaxValue") == Settings::default().event_wait.as_secs();
    let holds = |function: &Function<'_>| {
        let told = at(&function.properties, "Environment/Variables/VENTANILLA_EVENT_WAIT_SECONDS");
        if function.crate_name() == "inbox" { at(told, "Ref") == "EventWaitSeconds" } else { told.is_null() }
    };
    let mut faults =
        failing(template, holds, "is told for nothing how long callers may wait, or is not told");
    if !as_in_the_code {
        faults.push("callers may wait from the start, or longer than the code allows".to_owned());
    }
    faults
}

/// Variables that say where a further service is, and who builds its client (`Assembly`).
pub(crate) const CLIENTS: [(&str, &str); 4] = [
    ("VENTANILLA_BUCKET", "assembly.bucket()?"),
    ("VENTANILLA_QUEUE_URL", "assembly.job_queue()?"),
    ("VENTANILLA_FETCH_QUEUE_URL", "assembly.fetch_queue()?"),
    ("VENTANILLA_SOCKET_URL", "assembly.connections()?"),
];

/// A variable without the client would be overlooked, and a function with the client does not start without the variable.
fn clients(template: &Value) -> Vec<String> {
    let holds = |function: &Function<'_>| {
        let path =
            format!("{}/../functions/{}/src/main.rs", env!("CARGO_MANIFEST_DIR"), function.crate_name());
        let source = std::fs::read_to_string(path).unwrap_or_default();
        CLIENTS.iter().all(|(variable, client)| {
            let told = at(&function.properties, &format!("Environment/Variables/{variable}"));
            told.is_null() != source.contains(client)
        })
    };
    failing(template, holds, "is told of a service without its client, or has a client for nothing")
}

/// Who reads what customers write.
const LISTENS: &str = "webhook";

fn stop_words(template: &Value) -> Vec<String> {
    opt_words(template, "StopWords", "VENTANILLA_STOP_WORDS", &Settings::default().stop_words)
}

fn start_words(template: &Value) -> Vec<String> {
    opt_words(template, "StartWords", "VENTANILLA_START_WORDS", &Settings::default().start_words)
}

fn opt_words(template: &Value, name: &str, variable: &str, usual: &[String]) -> Vec<String> {
    let parameter = at(template, &format!("Parameters/{name}"));
    let usual = usual.join(",");
    let may_be_none = at(parameter, "MinLength").is_null()
        && at(parameter, "AllowedPattern").as_str().is_none_or(|pattern| pattern.ends_with(")?$"));
    let mut faults = Vec::new();
    if at(parameter, "Type") != "String" || at(parameter, "Default") != usual.as_str() || !may_be_none {
        faults.push(format!("{name} has another default than the code, or must have a word"));
    }
    let holds = |function: &Function<'_>| {
        let told = at(&function.properties, &format!("Environment/Variables/{variable}"));
        if function.crate_name() == LISTENS { at(told, "Ref") == name } else { told.is_null() }
    };
    let fault = format!("is told {variable} and does not listen, or is not and does");
    faults.extend(failing(template, holds, &fault));
    faults
}
