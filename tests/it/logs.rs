//! What the logs of all flows hold: no token, no key, no text of a message, no whole number.

use std::{collections::BTreeSet, process::Command};

use regex::Regex;

use crate::harness::{
    CALLBACK_SECRET, DEMO_KEY, KALEYRA_KEY, LOGS_WANTED, OTHER_KEY, PREVIOUS_CALLBACK_SECRET, sources,
};

/// The flows that are run once more with everything logged.
const FLOWS: [&str; 25] = [
    "flows::",
    "webhook::",
    "statuses::",
    "outcomes::",
    "php_bot::",
    "kaleyra::",
    "ambiosys::",
    "pipes::",
    "leads::",
    "inbox::",
    "files::",
    "live::",
    "live_ends::",
    "auth::",
    "admin::",
    "templates::syncs",
    "providers::",
    "idempotency::",
    "policy::",
    "secrets::",
    "events::",
    "replay::",
    "methods::",
    "store_faults::",
    "live_faults::",
];

/// Of the database and the simulated WhatsApp nothing is wanted: they are no part of what is deployed.
const LEVELS: &str = "debug,dynoxide=off,ventanilla_sandbox=off";

/// What opens something, in the configs of the tests.
const SECRETS: [&str; 17] = [
    DEMO_KEY,
    OTHER_KEY,
    "vk_",
    "vt_",
    "token-1",
    "token-2",
    "demo-app-secret",
    "previous-app-secret",
    "demo-verify-token",
    "token-3",
    "second-app-secret",
    "second-verify-token",
    KALEYRA_KEY,
    CALLBACK_SECRET,
    PREVIOUS_CALLBACK_SECRET,
    "wrong-callback-secret",
    "X-Amz-Signature",
];

/// The texts of messages in the sources: of several words, and long enough that no log contains them by
/// chance.
fn texts() -> BTreeSet<String> {
    let said = Regex::new(
        r#"(?x) (?: "(?:text|content|message|body|caption)":\s* | (?:customer_writes|reply)\([^,()]+,\s* ) "([^"\\{}]{6,})" "#,
    )
    .unwrap();
    let mut found = BTreeSet::new();
    // But for those of this very file.
    for (_, source) in sources("tests/it").into_iter().filter(|(path, _)| !path.ends_with("it/logs.rs")) {
        found.extend(
            said.captures_iter(&source)
                .map(|it| it[1].to_owned())
                .filter(|text| text.contains(' ') && text.len() > 9),
        );
    }
    found
}

/// What is in a line that must not be there.
fn leaks(line: &str, texts: &BTreeSet<String>, number: &Regex) -> Vec<String> {
    let secrets = SECRETS.iter().filter(|secret| line.contains(*secret)).map(|it| (*it).to_owned());
    let said = texts.iter().filter(|text| line.contains(text.as_str())).cloned();
    let numbers = number.find_iter(line).map(|it| it.as_str().to_owned());
    secrets.chain(said).chain(numbers).collect()
}

/// Whole numbers as tests have them: with a plus, or with the digits of a country in front. Our own ids are longer.
fn number() -> Regex {
    Regex::new(r"\+\d{9,15}\b|\b(?:502\d{8}|1555\d{7}|1415\d{7}|55\d{10,11})\b").unwrap()
}

#[test]
fn the_logs_of_all_flows_hold_nothing_secret() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.env(LOGS_WANTED, "1").env("RUST_LOG", LEVELS).args(["--test-threads", "2"]).args(FLOWS);
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let all = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = all.lines().filter(|line| line.starts_with('{')).collect();
    // Enough was logged, by many, to say something.
    assert!(lines.len() > 200, "only {} lines were logged", lines.len());
    for told in ["a socket was opened", "signature"] {
        assert!(lines.iter().any(|line| line.contains(told)), "nobody logged {told:?}");
    }
    let (texts, number) = (texts(), number());
    assert!(texts.len() > 30, "{texts:?}");
    let found: Vec<String> = lines
        .iter()
        .flat_map(|line| leaks(line, &texts, &number).into_iter().map(move |leak| format!("{leak}: {line}")))
        .collect();
    assert!(found.is_empty(), "{} leaks: {}", found.len(), found.join("\n"));
}

#[test]
fn forbidden_log_contents_are_found() {
    let (texts, number) = (texts(), number());
    for line in [
        r#"{"message":"sent to +50212345678"}"#,
        r#"{"message":"sent","to":"50212345678"}"#,
        r#"{"message":"key vk_ZGVtby1rZXktZm9yLXRoaXMtbWFjaGluZS1vbmx5ISE"}"#,
        r#"{"message":"Thanks for reaching out!"}"#,
    ] {
        assert!(!leaks(line, &texts, &number).is_empty(), "{line}");
    }
    for line in
        [r#"{"message_id":"244015433448729"}"#, r#"{"message":"a message that waited too long was dropped"}"#]
    {
        assert_eq!(leaks(line, &texts, &number), Vec::<String>::new());
    }
}
