//! Rows of an earlier version as every route shows them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ANA, LUZ, log, of_ana, stand, with};
use crate::{
    conversations::state,
    harness::{IdNumber as _, Stand},
};

/// A field of each object, in their order.
fn column(of: &Value, name: &str) -> Vec<Value> {
    of.as_array().unwrap_or_else(|| panic!("{of}")).iter().map(|it| it[name].clone()).collect()
}

async fn get(stand: &Stand, path: &str) -> Value {
    let answer = stand.api.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    answer.json()
}

#[tokio::test]
async fn conversations_are_as_they_were_left() {
    let stand = stand().await;
    let head = |direction: &str, kind: &str, text: Value| json!({ "direction": direction, "type": kind, "text": text });
    let shown: Vec<Value> = stand
        .conversations()
        .await
        .iter()
        .map(|it| {
            let (status, by, assignee, unread) = state(it);
            json!([it["contact"]["name"], status, by, assignee, unread, it["last_message"]])
        })
        .collect();
    let expected = json!([
        ["Ana Ruiz", "active", "bot", null, 0, head("outbound", "text", json!("Por el socket"))],
        [null, "active", "bot", null, 0, head("outbound", "template", Value::Null)],
        ["Eva", "active", "bot", null, 3, head("inbound", "text", json!("con ambos"))],
        ["Customer 8888", "closed", "bot", null, 1, head("inbound", "text", json!("Gracias, adiós"))],
        ["Customer 6677", "active", "bot", null, 0, head("outbound", "text", json!("Buenas"))],
        ["Customer 1918", "active", "bot", null, 1, head("inbound", "text", json!("Hi"))],
        [
            "Luz",
            "pending_human",
            "human",
            "ana",
            1,
            head("inbound", "text", json!("Quiero hablar con humano"))
        ],
    ]);
    assert_eq!(Value::from(shown), expected);
    let ana = stand.conversation_with(ANA).await;
    assert_eq!((&ana["window"]["open"], &ana["request_id"]), (&json!(true), &json!(1)));
    assert_eq!(ana["window"]["expires_at"], "2026-12-01T13:23:04.338Z");
    for (filter, names) in [
        ("status=pending_human", json!(["Luz"])),
        ("status=closed", json!(["Customer 8888"])),
        ("assignee=ana", json!(["Luz"])),
        ("unread=true", json!(["Eva", "Customer 8888", "Customer 1918", "Luz"])),
        ("channel_id=4", json!(["Customer 6677"])),
    ] {
        let found = get(&stand, &format!("/v1/conversations?{filter}")).await;
        let contacts = Value::from(column(&found["data"], "contact"));
        assert_eq!(Value::from(column(&contacts, "name")), names, "{filter}");
    }
}

#[tokio::test]
async fn messages_of_every_kind_are_read() {
    let stand = stand().await;
    let id = with(&stand, ANA).await;
    let shown: Vec<Value> = stand
        .messages(id)
        .await
        .iter()
        .map(|it| json!([it["type"], it["text"], it["sender"]["type"], it["status"], it["request_id"]]))
        .collect();
    let expected = json!([
        ["text", "Hola, ¿están abiertos?", "customer", "received", null],
        ["text", "Sí, hasta las 18:00", "human", "read", null],
        ["image", "Mi medidor", "customer", "received", null],
        ["location", "Taller", "customer", "received", null],
        ["reaction", "👍", "customer", "received", null],
        ["text", "¿Y mañana?", "customer", "received", null],
        ["contacts", "Luis Paz, +502 5555 0000", "customer", "received", null],
        ["interactive", "Sí, claro", "customer", "received", null],
        ["interactive", "Confirmar", "customer", "received", null],
        ["order", "para hoy", "customer", "received", null],
        ["unsupported", null, "customer", "received", null],
        ["unknown", null, "customer", "received", null],
        ["document", null, "customer", "received", null],
        ["text", "Desde el teléfono", "business_app", "accepted", null],
        ["template", null, "human", "sent", 123],
        ["document", "La cuenta", "human", "sent", null],
        ["interactive", "¿Le sirve?", "human", "sent", null],
        ["location", "Oficina", "human", "sent", null],
        ["reaction", "❤️", "human", "sent", null],
        ["text", "Su pedido salió", "human", "sent", null],
        ["text", "Your technician is on the way", "human", "sent", 124],
        ["text", "Esto no llega", "human", "failed", null],
        ["text", "Gracias", "human", "sent", null],
        ["template", null, "human", "sent", 1],
        ["text", "¿Salió esto?", "human", "unknown", 125],
        ["text", "Esto se repite", "human", "unknown", null],
        ["text", "Nadie dice nada", "human", "accepted", null],
        ["text", "Por el socket", "human", "sent", null],
    ]);
    assert_eq!(Value::from(shown), expected);
    // Page by page it is the same, and each is found by its id.
    let (mut seen, mut more) = (Vec::new(), String::new());
    loop {
        let page = get(&stand, &format!("/v1/conversations/{id}/messages?limit=7{more}")).await;
        seen.extend(column(&page["data"], "text"));
        for message in page["data"].as_array().unwrap() {
            let one = get(&stand, &format!("/v1/messages/{}", message["id"].as_str().unwrap())).await;
            assert_eq!(one["at"], message["at"]);
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => break,
        }
    }
    seen.reverse();
    assert_eq!(seen, expected.as_array().unwrap().iter().map(|it| it[1].clone()).collect::<Vec<_>>());
}

#[tokio::test]
async fn fields_that_were_not_stored_then_are_null_and_the_others_are_there() {
    let stand = stand().await;
    let reply = of_ana(&stand, "Sí, hasta las 18:00").await;
    let reaction = of_ana(&stand, "👍").await;
    assert_eq!(reaction["reaction"]["emoji"], "👍", "a null would say that it was taken back");
    assert_eq!(reaction["reaction"]["provider_message_id"], reply["provider_message_id"]);
    assert_eq!(of_ana(&stand, "❤️").await["reaction"]["emoji"], "❤️");
    let quote = json!({ "message_id": null, "provider_message_id": reply["provider_message_id"] });
    assert_eq!(of_ana(&stand, "¿Y mañana?").await["reply_to"], quote);
    assert_eq!(of_ana(&stand, "Taller").await["location"], Value::Null);
    let image = of_ana(&stand, "Mi medidor").await["image"].clone();
    assert_eq!(
        (&image["state"], &image["size"], &image["mime_type"]),
        (&json!("ready"), &json!(64), &json!("image/jpeg"))
    );
    let file = get(&stand, &format!("/v1/media/{}", image["media_id"].as_str().unwrap())).await;
    assert!(file["url"].is_string(), "{file}");
    let failed = of_ana(&stand, "Esto no llega").await;
    assert_eq!(failed["error"]["code"], 131_026);
    assert_eq!(failed["errors"][0]["code"], 131_026);
    let status_at = &of_ana(&stand, "Sí, hasta las 18:00").await["status_at"];
    assert!(["sent", "delivered", "read"].iter().all(|it| status_at[it].is_string()), "{status_at}");
    let ours = of_ana(&stand, "Su pedido salió").await;
    assert_eq!(ours["references"], json!({ "ref": "customer1", "ref1": "pedidos" }));
    // The item that brought it, and how we tried to send it.
    let place = of_ana(&stand, "Taller").await["id"].as_str().unwrap().to_owned();
    let raw = get(&stand, &format!("/v1/messages/{place}?include=raw")).await;
    let message = &raw["raw"]["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!((&message["location"]["latitude"], &raw["raw_statuses"]), (&json!(14.6), &json!([])));
    let doubt = of_ana(&stand, "¿Salió esto?").await["id"].as_str().unwrap().to_owned();
    let doubt = get(&stand, &format!("/v1/messages/{doubt}")).await;
    assert_eq!((&doubt["attempt"]["state"], &doubt["attempt"]["tries"]), (&json!("unknown"), &json!(1)));
}

#[tokio::test]
async fn people_and_their_preferences_are_read() {
    let stand = stand().await;
    let contacts = get(&stand, "/v1/contacts?limit=100").await;
    let names = column(&contacts["data"], "name");
    let expected = json!([null, "Eva", "Customer 8888", "Customer 6677", "Customer 1918", "Luz", "Ana Ruiz"]);
    assert_eq!(Value::from(names), expected);
    let eva = &contacts["data"][1];
    let addresses = json!([
        { "type": "user_id", "user_id": "GT.5550001" },
        { "type": "phone_number", "phone_number": "+50266667777" },
    ]);
    assert_eq!(eva["addresses"], addresses);
    let one = get(&stand, &format!("/v1/contacts/{}", eva["id"].id_number())).await;
    assert_eq!(one["addresses"], addresses);
    // Of the two conversations that turned out to be one, both ids show all messages.
    let rows = stand.rows().await;
    let absorbed = rows
        .values()
        .find(|row| row["row"]["S"] == "conversation" && row["merged_into"]["N"].is_string())
        .unwrap();
    let both = stand.messages(absorbed["id"]["N"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(column(&Value::from(both), "text"), ["soy yo", "otra vez yo", "con ambos"]);
    let stopped = get(&stand, "/v1/suppressions").await;
    let mut stopped: Vec<_> = column(&stopped["data"], "address").iter().map(Value::to_string).collect();
    stopped.sort();
    assert_eq!(stopped, ["\"+50299990000\"", "\"+525512345678\"", "\"MX.10348437707278734136\""]);
}

#[tokio::test]
async fn the_log_is_read_without_a_gap_and_with_its_old_names() {
    let stand = stand().await;
    stand.follow().await;
    let events = log(&stand).await;
    let cursors: Vec<u64> = events.iter().map(|it| it["cursor"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(cursors, (1..=80).collect::<Vec<_>>(), "what has its number gets no other");
    let mut count = BTreeMap::new();
    for event in &events {
        let kind = (event["type"].as_str().unwrap(), event["data"]["change"].as_str().unwrap_or_default());
        *count.entry(kind).or_insert(0) += 1;
    }
    let expected = [
        (("broadcast.progressed", ""), 1),
        (("contact.updated", "lead_created"), 1),
        (("contact.updated", "merged"), 1),
        (("conversation.updated", "assigned"), 1),
        (("conversation.updated", "created"), 8),
        (("conversation.updated", "handed_over"), 1),
        (("conversation.updated", "status"), 2),
        (("message.received", ""), 20),
        (("message.status", ""), 33),
        (("message.updated", "media"), 2),
        (("template.updated", ""), 10),
    ];
    assert_eq!(count, expected.into());
    let first = events.iter().find(|it| it["type"] == "message.received").unwrap();
    assert_eq!(first["data"]["message"]["text"], "Hola, ¿están abiertos?");
    assert_eq!((&first["data"]["late"], &first["data"]["standby"]), (&json!(false), &json!(false)));
    let failed =
        events.iter().find(|it| it["data"]["status"] == "failed" && it["data"]["error"].is_object()).unwrap();
    assert_eq!(failed["data"]["error"]["code"], 131_026);
}

#[tokio::test]
async fn keys_channels_leads_and_broadcasts_are_read() {
    let stand = stand().await;
    let status = async |key| stand.api.with_key(Some(key)).get("/v1/conversations").await.status.as_u16();
    assert_eq!(status("vk_S9_XJa7vgQsoj2FnAidMbRmoPJItLVbx6HjWg--7xJc").await, 200);
    assert_eq!(status("vk_d6AixpXdUtWlQOwF5yWEiB4BtD_lDwMD0CH6EctkRsg").await, 401, "it was revoked");
    // Channel 4 is in no config file of this version.
    let channels = get(&stand, "/v1/messaging-channel-connections").await;
    let channels = column(&channels["data"]["messaging_channel_connections"], "name");
    assert_eq!(channels, ["WhatsApp +15550100001", "WhatsApp +15550100004"]);
    let said = get(&stand, "/v1/leads/crm-7/conversations?limit=3").await;
    let texts = column(&said["data"]["conversations"], "content");
    assert_eq!(texts.len(), 3, "{said}");
    let rows = stand.rows().await;
    let of = |key: &str| {
        let row = rows.values().find(|row| row["row"]["S"] == "broadcast" && row["key"]["S"] == key).unwrap();
        row["id"]["N"].as_str().unwrap().to_owned()
    };
    let done = get(&stand, &format!("/v1/broadcasts/{}", of("campaign-1"))).await;
    assert_eq!((&done["counts"]["total"], &done["counts"]["accepted"]), (&json!(2), &json!(2)), "{done}");
    let recipients = get(&stand, &format!("/v1/broadcasts/{}/recipients", of("campaign-1"))).await;
    assert_eq!(recipients["data"].as_array().map(Vec::len), Some(2), "{recipients}");
}

#[tokio::test]
async fn the_contracts_of_other_systems_show_the_same() {
    let stand = stand().await;
    let id = with(&stand, ANA).await;
    let listed = get(&stand, "/api/conversations").await;
    assert_eq!(listed["conversations"].as_array().map(Vec::len), Some(7), "{listed}");
    let messages = get(&stand, &format!("/api/conversations/{id}/messages?limit=100")).await;
    let texts = column(&messages["messages"], "message_text");
    assert_eq!(texts.len(), 28);
    assert_eq!(texts[3..5], [json!("Taller"), json!("👍")]);
    assert_eq!((&texts[10], &texts[14]), (&json!("[unsupported]"), &json!("[template]")));
    let listed = get(&stand, "/api/whatsapp/conversations").await;
    assert!(listed.to_string().contains("50212345678"), "{listed}");
    let history = get(&stand, &format!("/api/whatsapp/conversations/{id}")).await;
    assert!(history.to_string().contains("Your technician is on the way"), "{history}");
    assert_eq!(with(&stand, LUZ).await, stand.conversation_with(LUZ).await["id"].id_number());
}
