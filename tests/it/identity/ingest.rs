//! Who writes, as webhooks tell it.

use std::time::Duration;

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use super::{contacts, hear, only_conversation, tell, text, texts, with};
use crate::harness::{Carrier, Stand};

/// Meta and Kaleyra tell messages in one shape.
const BOTH: [Carrier; 2] = [Carrier::Meta, Carrier::KaleyraV2];

fn system(id: &str, told: &Value) -> Value {
    json!({ "id": id, "type": "system", "system": told })
}

#[tokio::test]
async fn a_customer_whose_user_id_changes_keeps_their_conversation() {
    for carrier in BOTH {
        let stand = Stand::start_with(carrier.config()).await;
        let first = with(text("wamid.1", "uno"), &json!({ "from_user_id": "GT.A" }));
        hear(&stand, carrier, &[first], json!([{ "user_id": "GT.A", "profile": { "name": "Ana" } }])).await;
        let changed =
            json!({ "type": "user_changed_user_id", "previous_user_id": "GT.A", "user_id": "GT.B" });
        hear(&stand, carrier, &[system("wamid.2", &changed)], json!([])).await;
        let second = with(text("wamid.3", "dos"), &json!({ "from_user_id": "GT.B" }));
        hear(&stand, carrier, &[second], json!([{ "user_id": "GT.B" }])).await;
        let place = only_conversation(&stand).await;
        assert_eq!(contacts(&stand).await.len(), 1, "{carrier:?}");
        assert_eq!(texts(&stand, &place).await, ["uno", "dos"]);
        let contact = &place["contact"];
        assert_eq!((&contact["user_id"], &contact["name"]), (&json!("GT.B"), &json!("Ana")));
    }
}

#[tokio::test]
async fn a_changed_user_id_is_understood_in_any_order_and_in_one_batch() {
    let changed = json!({ "type": "user_changed_user_id", "previous_user_id": "GT.A", "user_id": "GT.B" });
    let stand = Stand::start().await;
    let now = stand.clock.now().seconds();
    let at = |message: Value, after: i64| with(message, &json!({ "timestamp": (now + after).to_string() }));
    let told = [
        at(with(text("wamid.1", "uno"), &json!({ "from_user_id": "GT.A" })), 0),
        at(system("wamid.2", &changed), 1),
        at(with(text("wamid.3", "dos"), &json!({ "from_user_id": "GT.B" })), 2),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [0, 2, 1], [1, 0, 2]] {
        for in_one in [true, false] {
            let stand = Stand::start().await;
            stand.clock.advance(Duration::from_secs(5));
            let messages: Vec<Value> = order.iter().map(|place| told[*place].clone()).collect();
            if in_one {
                hear(&stand, Carrier::Meta, &messages, json!([])).await;
            } else {
                for message in &messages {
                    hear(&stand, Carrier::Meta, std::slice::from_ref(message), json!([])).await;
                }
            }
            let place = only_conversation(&stand).await;
            assert_eq!(place["contact"]["user_id"], "GT.B", "{order:?}");
        }
    }
}

#[tokio::test]
async fn a_user_id_in_the_place_of_a_number_is_a_customer() {
    for carrier in BOTH {
        let stand = Stand::start_with(carrier.config()).await;
        let message = with(text("wamid.1", "hola"), &json!({ "from": "GT.1" }));
        hear(&stand, carrier, &[message], json!([{ "wa_id": "GT.1", "profile": { "name": "Ana" } }])).await;
        let place = only_conversation(&stand).await;
        let shown = json!({
            "id": place["contact"]["id"], "name": "Ana", "profile_name": "Ana", "username": null, "phone_number": null, "user_id": "GT.1",
        });
        assert_eq!(place["contact"], shown);
        // The fields that are meant for it lead to the same customer.
        let again = with(text("wamid.2", "¿sí?"), &json!({ "from_user_id": "GT.1" }));
        hear(&stand, carrier, &[again], json!([])).await;
        assert_eq!(texts(&stand, &only_conversation(&stand).await).await, ["hola", "¿sí?"]);
    }
}

#[tokio::test]
async fn the_name_is_stored_for_any_spelling_of_the_number_beside_it() {
    for carrier in BOTH {
        for (from, wa_id) in [
            ("5215512345678", "525512345678"),
            ("525512345678", "5215512345678"),
            ("50212345678", "50287654321"),
        ] {
            let stand = Stand::start_with(carrier.config()).await;
            let message = with(text("wamid.1", "hola"), &json!({ "from": from }));
            let contact = json!({ "wa_id": wa_id, "profile": { "name": "Ana", "username": "ana.ruiz" } });
            hear(&stand, carrier, &[message], json!([contact])).await;
            let place = only_conversation(&stand).await;
            let contact = &place["contact"];
            assert_eq!(
                (&contact["name"], &contact["username"]),
                (&json!("Ana"), &json!("ana.ruiz")),
                "{from}"
            );
            assert_eq!(contact["phone_number"], format!("+{from}"), "the number is the one that was named");
            let kept = &contacts(&stand).await[0];
            assert_eq!((&kept["name"], &kept["username"]), (&json!("Ana"), &json!("ana.ruiz")));
            let known = json!([{ "type": "phone_number", "phone_number": format!("+{from}") }]);
            assert_eq!(kept["addresses"], known);
        }
    }
}

#[tokio::test]
async fn a_number_and_a_user_id_that_come_alone_are_one_customer() {
    let stand = Stand::start().await;
    let message = with(text("wamid.1", "hola"), &json!({ "from": "50212345678" }));
    hear(&stand, Carrier::Meta, &[message], json!([{ "user_id": "GT.1", "profile": { "name": "Ana" } }]))
        .await;
    hear(
        &stand,
        Carrier::Meta,
        &[with(text("wamid.2", "¿sí?"), &json!({ "from_user_id": "GT.1" }))],
        json!([]),
    )
    .await;
    let contact = only_conversation(&stand).await["contact"].clone();
    assert_eq!((&contact["phone_number"], &contact["user_id"]), (&json!("+50212345678"), &json!("GT.1")));
}

#[tokio::test]
async fn of_several_senders_each_has_their_own_contact() {
    let stand = Stand::start().await;
    let from = |id: &str, from: &str| with(text(id, id), &json!({ "from": from }));
    let messages =
        [from("wamid.1", "553177771111"), from("wamid.2", "50212345678"), from("wamid.3", "50287654321")];
    let contact = |wa_id: &str, name: &str| json!({ "wa_id": wa_id, "profile": { "name": name } });
    let told = json!([contact("50287654321", "Bea"), contact("5531977771111", "Ana")]);
    hear(&stand, Carrier::Meta, &messages, told).await;
    for (number, name) in
        [("+553177771111", json!("Ana")), ("+50212345678", json!(null)), ("+50287654321", json!("Bea"))]
    {
        assert_eq!(stand.conversation_with(number).await["contact"]["name"], name, "{number}");
    }
    // The only contact beside two senders has no address but its own.
    let messages = [from("wamid.4", "50211111111"), from("wamid.5", "50222222222")];
    hear(&stand, Carrier::Meta, &messages, json!([contact("50233333333", "Carla")])).await;
    assert_eq!(stand.conversation_with("+50211111111").await["contact"]["name"], json!(null));
}

#[tokio::test]
async fn a_user_name_that_changes_is_changed_on_the_contact_too() {
    let stand = Stand::start().await;
    for (id, username) in [("wamid.1", "ana"), ("wamid.2", "ana"), ("wamid.3", "ana.ruiz")] {
        let message = with(text(id, id), &json!({ "from": "50212345678" }));
        let contact = json!({ "wa_id": "50212345678", "profile": { "name": "Ana", "username": username } });
        hear(&stand, Carrier::Meta, &[message], json!([contact])).await;
        assert_eq!(only_conversation(&stand).await["contact"]["username"], username);
        assert_eq!(contacts(&stand).await[0]["username"], username);
    }
}

/// Two spellings of one number.
const TWICE: [(&str, &str); 3] =
    [("553155551111", "5531955551111"), ("525512345678", "5215512345678"), ("541123456789", "5491123456789")];

#[tokio::test]
async fn a_number_written_either_way_is_one_customer() {
    for carrier in BOTH {
        for (shorter, longer) in TWICE {
            let stand = Stand::start_with(carrier.config()).await;
            for (id, from) in [("wamid.1", shorter), ("wamid.2", longer), ("wamid.3", shorter)] {
                hear(&stand, carrier, &[with(text(id, id), &json!({ "from": from }))], json!([])).await;
                let place = only_conversation(&stand).await;
                assert_eq!(place["contact"]["phone_number"], format!("+{from}"), "the one named last");
            }
            let all = contacts(&stand).await;
            let known = json!([{ "type": "phone_number", "phone_number": format!("+{shorter}") }]);
            assert_eq!((all.len(), &all[0]["addresses"]), (1, &known));
        }
    }
}

#[tokio::test]
async fn a_lead_is_the_customer_who_writes_from_the_other_spelling() {
    for (shorter, longer) in TWICE {
        for (told, writes) in [(longer, shorter), (shorter, longer)] {
            let stand = Stand::start().await;
            let lead = json!({ "id": "crm-1", "name": "Ana Ruiz", "phone": format!("+{told}") });
            assert_eq!(stand.api.post("/v1/webhooks/leads", &lead).await.status, 201);
            let message = with(text("wamid.1", "hola"), &json!({ "from": writes }));
            hear(&stand, Carrier::Meta, &[message], json!([])).await;
            assert_eq!(contacts(&stand).await.len(), 1, "{told}");
            let said = stand.api.get("/v1/leads/crm-1/conversations").await.json();
            assert_eq!(said["data"]["conversations"].as_array().unwrap().len(), 1, "{said}");
            // The other way round: the sender becomes the lead that is upserted afterwards.
            let stand = Stand::start().await;
            let message = with(text("wamid.1", "hola"), &json!({ "from": writes }));
            hear(&stand, Carrier::Meta, &[message], json!([])).await;
            assert_eq!(stand.api.post("/v1/webhooks/leads", &lead).await.status, 201);
            assert_eq!(contacts(&stand).await.len(), 1, "{told}");
        }
    }
}

/// Takes away what the address book has for a number, as if it was written before spellings were.
async fn forget_spelling(stand: &Stand, digits: &str) {
    let rows = stand.rows().await;
    let entry = rows.values().find(|row| row["address"]["M"]["number"]["S"] == digits);
    let entry = entry.unwrap_or_else(|| panic!("no entry of {digits}"));
    stand.drop_row(entry["pk"]["S"].as_str().unwrap(), entry["sk"]["S"].as_str().unwrap()).await;
}

#[tokio::test]
async fn contacts_from_before_are_found_under_the_other_spelling() {
    for (shorter, longer) in TWICE {
        let stand = Stand::start().await;
        hear(&stand, Carrier::Meta, &[with(text("wamid.1", "uno"), &json!({ "from": longer }))], json!([]))
            .await;
        forget_spelling(&stand, shorter).await;
        hear(&stand, Carrier::Meta, &[with(text("wamid.2", "dos"), &json!({ "from": shorter }))], json!([]))
            .await;
        assert_eq!(texts(&stand, &only_conversation(&stand).await).await, ["uno", "dos"]);
        assert_eq!(contacts(&stand).await.len(), 1);
    }
}

#[tokio::test]
async fn a_status_under_another_spelling_or_a_user_id_makes_no_second_customer() {
    let stand = Stand::start().await;
    // A template, because free text to a stranger fails and its status brings the phone's own user id.
    let body = json!({
        "templateName": "hello_world", "languageCode": "en_US",
        "recipients": [{ "phoneNumber": "+5531977771111" }],
    });
    let silent = json!({ "reach": "none" }).to_string();
    let path = "/sandbox/phones/+5531977771111";
    assert_eq!(stand.api.call(http::Method::PUT, path, &[], silent.into()).await.status, 200);
    let sent = stand.api.post("/api/whatsapp/send-template", &body).await.json();
    let id = sent["results"][0]["data"]["message_id"].as_u64().unwrap();
    let wamid = stand.api.get(&format!("/v1/messages/{id}")).await.json()["provider_message_id"].clone();
    let now = stand.clock.now().seconds().to_string();
    let report = |status: &str, fields: Value| {
        let report = json!({ "id": wamid, "status": status, "timestamp": now });
        json!({ "statuses": [with(report, &fields)] })
    };
    let told =
        report("sent", json!({ "recipient_id": "553177771111", "recipient_parent_user_id": "BR.ENT.7" }));
    tell(&stand, Carrier::Meta, told).await;
    tell(&stand, Carrier::Meta, report("delivered", json!({ "recipient_id": "BR.1" }))).await;
    for fields in
        [json!({ "from": "553177771111" }), json!({ "from_user_id": "BR.1" }), json!({ "from": "BR.1" })]
    {
        let id = format!("wamid.{fields}");
        hear(&stand, Carrier::Meta, &[with(text(&id, "hola"), &fields)], json!([])).await;
        let place = only_conversation(&stand).await;
        assert_eq!(place["contact"]["user_id"], "BR.1", "{fields}");
        assert_eq!(contacts(&stand).await.len(), 1, "{fields}");
    }
}

#[tokio::test]
async fn a_parent_id_identifies_a_new_user_id() {
    let stand = Stand::start().await;
    let first = json!({ "from_user_id": "GT.A", "from_parent_user_id": "GT.ENT.1" });
    hear(&stand, Carrier::Meta, &[with(text("wamid.1", "uno"), &first)], json!([])).await;
    let second = with(text("wamid.2", "dos"), &json!({ "from_user_id": "GT.B" }));
    hear(&stand, Carrier::Meta, &[second], json!([{ "user_id": "GT.B", "parent_user_id": "GT.ENT.1" }]))
        .await;
    let place = only_conversation(&stand).await;
    assert_eq!(texts(&stand, &place).await, ["uno", "dos"]);
    assert_eq!(place["contact"]["user_id"], "GT.B");
    let all = contacts(&stand).await;
    let parent = json!({ "type": "parent_user_id", "parent_user_id": "GT.ENT.1" });
    assert!(all.len() == 1 && all[0]["addresses"].as_array().unwrap().contains(&parent), "{all:?}");
}

#[tokio::test]
async fn a_number_change_keeps_the_conversation_in_every_shape_of_its_webhook() {
    let (old, new) = ("5531977771111", "50287654321");
    for told in [
        json!({ "type": "user_changed_number", "wa_id": new, "body": "Ana changed" }),
        json!({ "type": "customer_changed_number", "new_wa_id": new, "body": "Ana changed" }),
        json!({ "type": "user_changed_number", "wa_id": new, "user_id": "GT.B", "previous_user_id": "GT.A" }),
    ] {
        for notice in [
            json!({ "from": old }),
            json!({ "from": "553177771111" }),
            json!({ "from": old, "from_user_id": "GT.A" }),
            json!({ "from": new, "system": with(told.clone(), &json!({ "customer": old })) }),
        ] {
            for carrier in BOTH {
                let stand = Stand::start_with(carrier.config()).await;
                let first = json!({ "from": old, "from_user_id": "GT.A" });
                hear(&stand, carrier, &[with(text("wamid.1", "uno"), &first)], json!([])).await;
                let notice = with(system("wamid.2", &told), &notice);
                hear(&stand, carrier, std::slice::from_ref(&notice), json!([])).await;
                // A number that changes brings another user id along.
                let second = json!({ "from": new, "from_user_id": "GT.B" });
                hear(&stand, carrier, &[with(text("wamid.3", "dos"), &second)], json!([])).await;
                let place = only_conversation(&stand).await;
                let said = texts(&stand, &place).await;
                assert!(said.contains(&"uno".to_owned()) && said.contains(&"dos".to_owned()), "{notice}");
                assert_eq!(place["contact"]["phone_number"], format!("+{new}"), "{notice}");
                assert_eq!(contacts(&stand).await.len(), 1, "{notice}");
                // The number that was given up has another owner, in any spelling.
                stand.clock.advance(Duration::from_mins(1));
                let other = with(text("wamid.4", "tres"), &json!({ "from": "553177771111" }));
                hear(&stand, carrier, &[other], json!([])).await;
                assert_eq!(stand.conversations().await.len(), 2, "{notice}");
            }
        }
    }
}

#[tokio::test]
async fn a_message_before_the_webhook_of_a_number_change_makes_no_second_customer() {
    let stand = Stand::start().await;
    let now = stand.clock.now().seconds();
    let at = |message: Value, after: i64| with(message, &json!({ "timestamp": (now + after).to_string() }));
    let first = json!({ "from": "50212345678", "from_user_id": "GT.A" });
    hear(&stand, Carrier::Meta, &[at(with(text("wamid.1", "uno"), &first), 0)], json!([])).await;
    stand.clock.advance(Duration::from_secs(90));
    let second = json!({ "from": "50287654321", "from_user_id": "GT.B" });
    hear(&stand, Carrier::Meta, &[at(with(text("wamid.3", "dos"), &second), 90)], json!([])).await;
    let moved = system("wamid.2", &json!({ "type": "user_changed_number", "wa_id": "50287654321" }));
    hear(&stand, Carrier::Meta, &[at(with(moved, &first), 80)], json!([])).await;
    let place = only_conversation(&stand).await;
    assert_eq!((&place["contact"]["user_id"], texts(&stand, &place).await.len()), (&json!("GT.B"), 2));
}

#[tokio::test]
async fn a_number_with_a_new_owner_keeps_two_customers_apart_in_either_spelling() {
    let stand = Stand::start().await;
    let first = json!({ "from": "5531977771111", "from_user_id": "BR.first" });
    hear(&stand, Carrier::Meta, &[with(text("wamid.1", "uno"), &first)], json!([])).await;
    stand.clock.advance(Duration::from_secs(5));
    let second = json!({ "from": "553177771111", "from_user_id": "BR.second" });
    hear(&stand, Carrier::Meta, &[with(text("wamid.2", "dos"), &second)], json!([])).await;
    let listed = stand.conversations().await;
    assert_eq!(listed.len(), 2);
    for place in listed {
        let shows = place["contact"]["phone_number"].is_string();
        assert_eq!(shows, place["contact"]["user_id"] == "BR.second", "{place}");
    }
}

#[tokio::test]
async fn an_opt_out_counts_for_a_number_however_it_is_written() {
    let stand = Stand::start().await;
    let call = |method: http::Method, number: &'static str| {
        let path = format!("/v1/suppressions/{number}");
        let api = stand.api.clone();
        async move { api.call(method, &path, &[], Vec::new()).await }
    };
    let listed = || async { stand.api.get("/v1/suppressions").await.json()["data"].clone() };
    assert_eq!(call(http::Method::PUT, "+5531977771111").await.status, 200);
    let told = call(http::Method::PUT, "+553177771111").await.json();
    assert_eq!(told["address"], "+5531977771111", "it is on the list once: {told}");
    assert_eq!(listed().await.as_array().unwrap().len(), 1);
    stand.clock.advance(Duration::from_secs(1));
    assert_eq!(call(http::Method::DELETE, "+553177771111").await.status, 204);
    assert_eq!(listed().await, json!([]));
}
