//! What a config file can say of a company and a number, said by command: phrases that ask for a person, and a name.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use ventanilla::{ports::directory::Directory, whatsapp::http::client};
use ventanilla_local::{
    admin::{Environment, ExitStatus},
    secrets::FolderSecrets,
};

use super::{Folder, command, command_of, done, refused};
use crate::harness::Stand;

const ANA: &str = "+50212345678";
const LUIS: &str = "+50287654321";

/// Long enough for every cached setting to expire.
const FORGOTTEN: Duration = Duration::from_secs(61);

fn desk(stand: &Stand, folder: &Folder) -> Environment {
    let secrets = Arc::new(FolderSecrets::new(&folder.0));
    Environment::new(
        stand.running.functions.app.core.ports.clone(),
        stand.running.table.clone(),
        secrets,
        &client().unwrap(),
    )
}

/// Carries out a command of words that may hold spaces, which succeeds; gives what it said as JSON.
async fn done_of(desk: &Environment, words: &[&str]) -> Value {
    let words: Vec<&str> = words.iter().copied().chain(["--json"]).collect();
    let said = command_of(desk, &words, "").await;
    assert_eq!(said.ended.as_ref().ok(), Some(&ExitStatus::Success), "{words:?}: {:?}", said.ended);
    said.json()
}

/// What is kept of tenant `demo`.
async fn phrases(stand: &Stand) -> Vec<String> {
    stand.running.table.tenant(&Stand::tenant()).await.unwrap().unwrap().handoff_phrases
}

#[tokio::test]
async fn a_phrase_set_by_command_hands_a_conversation_to_a_person() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = &desk(&stand, &folder);
    let status = async |number: &str, text: &str| {
        stand.customer_writes(number, text).await;
        stand.conversation_with(number).await["status"].clone()
    };
    assert_eq!(status(ANA, "Quiero un AGENTE de verdad").await, "active");
    let set =
        ["tenant", "set", "demo", "--handoff-phrase", "agente de verdad", "--handoff-phrase", "operador"];
    done_of(desk, &set).await;
    stand.clock.advance(FORGOTTEN);
    assert_eq!(status(ANA, "Quiero un AGENTE de verdad").await, "pending_human");
    // Those of before are gone with that.
    assert_eq!(status(LUIS, "hablar con humano").await, "active");
    done(desk, "tenant set demo --no-handoff-phrases", "").await;
    stand.clock.advance(FORGOTTEN);
    assert_eq!(status(LUIS, "un operador").await, "active");
}

#[tokio::test]
async fn phrases_stay_until_others_or_none_are_asked_for() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = &desk(&stand, &folder);
    let shown = |phrases: Value| json!({ "tenant": { "id": "demo", "default_channel": 1, "handoff_phrases": phrases, "closing": { "handled_by": "bot", "assignee": "none" }, "bot": true } });
    let kept = done(desk, "tenant set demo --default-channel 1", "").await;
    assert_eq!(kept, shown(json!(["hablar con humano"])));
    assert_eq!(phrases(&stand).await, ["hablar con humano"]);

    let two = ["tenant", "set", "demo", "--handoff-phrase", "Ñandú, por favor", "--handoff-phrase", "agente"];
    assert_eq!(done_of(desk, &two).await, shown(json!(["Ñandú, por favor", "agente"])));
    assert_eq!(phrases(&stand).await, ["Ñandú, por favor", "agente"]);
    let text = command(desk, "tenant list", "").await.text;
    assert!(
        text.contains("demo  default channel 1  handoff phrases \"Ñandú, por favor\", \"agente\"\n"),
        "{text}"
    );
    assert!(text.contains("other  default channel 2  handoff phrases -\n"), "{text}");

    assert_eq!(done(desk, "tenant set demo --no-handoff-phrases", "").await, shown(json!([])));
    assert!(phrases(&stand).await.is_empty());
    let added = ["tenant", "add", "acme", "--default-channel", "7", "--handoff-phrase", "una persona"];
    let added = done_of(desk, &added).await;
    assert_eq!(added["tenant"]["handoff_phrases"], json!(["una persona"]));
    let listed = done(desk, "tenant list", "").await;
    let listed: Vec<_> =
        listed["tenants"].as_array().unwrap().iter().map(|it| it["handoff_phrases"].clone()).collect();
    assert_eq!(listed, [json!(["una persona"]), json!([]), json!([])]);
    // Its channel does not exist yet, which does not matter for changing another setting.
    let set = done(desk, "tenant set acme --handoff-phrase operador", "").await;
    assert_eq!(
        (&set["tenant"]["default_channel"], &set["tenant"]["handoff_phrases"][0]),
        (&json!(7), &json!("operador"))
    );
}

#[tokio::test]
async fn the_closing_policy_is_set_by_command_and_followed() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = &desk(&stand, &folder);
    let set = done(desk, "tenant set demo --close-to same --close-assignee same", "").await;
    assert_eq!(set["tenant"]["closing"], json!({ "handled_by": "same", "assignee": "same" }));
    stand.clock.advance(FORGOTTEN);
    let id = stand.customer_writes(ANA, "hablar con humano").await;
    let path = |what: &str| format!("/v1/conversations/{id}/{what}");
    stand.api.post(&path("assign"), &json!({ "assignee": "ana" })).await;
    let closed = stand.api.post(&path("close"), &json!(null)).await.json();
    assert_eq!(
        json!([closed["status"], closed["handled_by"], closed["assignee"], closed["unread_count"]]),
        json!(["closed", "human", "ana", 0])
    );
    // One of them alone, and what was not named stays.
    let set = done(desk, "tenant set demo --close-to bot", "").await;
    assert_eq!(set["tenant"]["closing"], json!({ "handled_by": "bot", "assignee": "same" }));
    let (code, _) = refused(desk, "tenant set demo --close-to ana", "").await;
    assert_eq!(code, 2);
}

#[tokio::test]
async fn invalid_phrases_in_a_config_file_are_rejected() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = &desk(&stand, &folder);
    let add = ["tenant", "add", "acme", "--default-channel", "7"];
    for empty in ["", "  ", "\t", "¿…?"] {
        for begin in [&add[..], &["tenant", "set", "demo"]] {
            let words: Vec<&str> =
                begin.iter().copied().chain(["--handoff-phrase", "x", "--handoff-phrase", empty]).collect();
            let failed = command_of(desk, &words, "").await.ended.unwrap_err();
            assert_eq!(failed.exit_code(), 2, "{words:?}");
            let said = failed.to_string();
            assert!(said.contains("--handoff-phrase") && said.contains("must have a word"), "{said}");
        }
    }
    let (code, _) = refused(desk, "tenant set demo --handoff-phrase x --no-handoff-phrases", "").await;
    assert_eq!((code, phrases(&stand).await), (2, vec!["hablar con humano".to_owned()]));
    let (code, _) = refused(desk, "tenant set demo --default-channel 2 --handoff-phrase x", "").await;
    assert_eq!((code, phrases(&stand).await), (1, vec!["hablar con humano".to_owned()]), "all or nothing");
}

#[tokio::test]
async fn a_channel_is_named_by_command_and_stays_so() {
    let (stand, folder) = (Stand::start().await, Folder::new());
    let desk = &desk(&stand, &folder);
    let secret = r#"{"access_token":"token-1"}"#;
    let add = "channel add --tenant demo --provider meta --number +15550100009 --app demo --waba-id 1 \
               --phone-number-id 77 --id 9";
    let add_as = async |name: &str, replace: &[&str]| {
        let words: Vec<&str> = add.split_whitespace().chain(["--name", name, "--json"]).collect();
        command_of(desk, &[&words[..], replace].concat(), secret).await
    };
    let told = async || {
        let listed = stand.api.get("/v1/messaging-channel-connections").await.json();
        let all = listed["data"]["messaging_channel_connections"].as_array().unwrap().clone();
        all.into_iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for wrong in [String::new(), "a\nb".to_owned(), "x".repeat(101)] {
        let failed = add_as(&wrong, &[]).await.ended.unwrap_err();
        let said = failed.to_string();
        assert!(failed.exit_code() == 2 && said.contains("--name") && said.contains("1 to 100"), "{said}");
    }
    assert_eq!(add_as("Ventas Sur", &[]).await.json()["channel"]["name"], "Ventas Sur");
    assert_eq!(told().await, ["WhatsApp +15550100001", "Ventas Sur"]);

    let kept = done(desk, &format!("{add} --replace --throughput 5"), "").await;
    assert_eq!((&kept["channel"]["name"], &kept["channel"]["throughput"]), (&json!("Ventas Sur"), &json!(5)));
    let listed = done(desk, "channel list --tenant demo", "").await;
    let shown: Vec<_> = listed["channels"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(shown, [Value::Null, json!("Ventas Sur")]);
    let text = command(desk, "channel list --tenant demo", "").await.text;
    assert!(text.contains("demo  1  +15550100001  meta  never checked\n"), "{text}");
    assert!(text.contains("demo  9  +15550100009  meta  never checked  \"Ventas Sur\"\n"), "{text}");

    assert_eq!(add_as(&"ñ".repeat(100), &["--replace"]).await.json()["channel"]["name"], "ñ".repeat(100));
    stand.clock.advance(FORGOTTEN);
    assert_eq!(told().await[1], "ñ".repeat(100));
}
