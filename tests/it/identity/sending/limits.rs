//! What cannot be sent to a customer without a number.

use serde_json::json;

use super::{KALEYRA, MANY, SEND, USER, called, hello, login_code, outcomes, user_writes};
use crate::{
    harness::{Carrier, IdNumber as _, Stand},
    identity::{hear, text, with},
};

#[tokio::test]
async fn a_login_code_needs_a_number_and_is_sent_to_the_known_one() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    stand.api.get("/api/whatsapp/templates").await;
    for named in [json!({ "userId": USER }), json!({ "conversationId": id }), json!({ "userId": "GT.2" })] {
        let list = login_code(&json!([named, { "phoneNumber": "+50287654321" }]));
        for path in [format!("{MANY}?dry_run=true"), MANY.to_owned()] {
            let answer = stand.api.post(&path, &list).await;
            assert_eq!(outcomes(&answer)[0], "unsupported", "{}", answer.text);
            let detail = answer.json()["results"][0]["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("authentication template"), "{detail}");
        }
    }
    let template = json!({ "name": "login_code", "language": { "code": "es" }, "components": login_code(&json!([]))["components"] });
    let object = json!({ "messaging_product": "whatsapp", "recipient": USER, "type": "template", "template": template });
    let kaleyra = stand.api.post(KALEYRA, &json!({ "messaging_object": object })).await.json();
    assert_eq!(kaleyra["reason"], "unsupported", "{kaleyra}");
    assert!(
        called(&stand).iter().all(|to| to == "50287654321"),
        "refused before sending: {:?}",
        called(&stand)
    );
    // As soon as the number is known, any other name of the customer leads to it.
    let both = json!({ "from": "50212345678", "from_user_id": USER });
    hear(&stand, Carrier::Meta, &[with(text("wamid.9", "mi número"), &both)], json!([])).await;
    for named in [json!({ "userId": USER }), json!({ "conversationId": id })] {
        assert_eq!(outcomes(&stand.api.post(MANY, &login_code(&json!([named]))).await), ["sent"]);
        assert_eq!(called(&stand).last().map(String::as_str), Some("50212345678"));
    }
}

#[tokio::test]
async fn a_template_missing_in_our_copy_is_rejected_by_the_provider_with_its_own_code() {
    let stand = Stand::start().await;
    user_writes(&stand).await;
    // Nobody looked at the templates yet, and the look that precedes a send is not of the kind that waits.
    let object = json!({
        "messaging_product": "whatsapp", "recipient": USER, "type": "template",
        "template": { "name": "login_code", "language": { "code": "es" }, "components": login_code(&json!([]))["components"] },
    });
    let answer = stand.api.post(KALEYRA, &json!({ "messaging_object": object })).await.json();
    assert_eq!(answer["reason"], "recipient_unreachable", "{answer}");
}

#[tokio::test]
async fn at_kaleyra_a_customer_without_a_number_is_rejected_by_name_and_one_with_a_number_reached() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let id = user_writes(&stand).await;
        let refused = [
            stand.api.post(SEND, &json!({ "userId": USER, "content": "hola" })).await,
            stand.api.post(SEND, &json!({ "conversationId": id, "content": "hola" })).await,
            stand
                .api
                .post(&format!("/api/whatsapp/conversations/{id}/messages"), &json!({ "content": "hola" }))
                .await,
        ];
        for answer in refused {
            let body = answer.json();
            assert_eq!(
                (answer.status.as_u16(), &body["code"]),
                (422, &json!("unsupported")),
                "{carrier:?} {body}"
            );
            assert!(body["detail"].as_str().unwrap().contains("Kaleyra"), "{body}");
        }
        let many = stand
            .api
            .post(MANY, &hello(&json!([{ "userId": USER }, { "phoneNumber": "+50287654321" }])))
            .await;
        assert_eq!(outcomes(&many), ["unsupported", "sent"], "{}", many.text);
        assert_eq!(called(&stand), ["50287654321"]);
        if carrier == Carrier::KaleyraV1 {
            continue;
        }
        let both = json!({ "from": "50212345678", "from_user_id": USER });
        hear(&stand, carrier, &[with(text("wamid.9", "mi número"), &both)], json!([])).await;
        for named in [json!({ "userId": USER }), json!({ "conversationId": id })] {
            let answer = stand.api.post(SEND, &with(named, &json!({ "content": "hola" }))).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(called(&stand).last().map(String::as_str), Some("50212345678"));
        }
    }
}

#[tokio::test]
async fn a_parent_id_leads_to_the_customer_and_nothing_is_sent_to_it() {
    let stand = Stand::start().await;
    let parent = "GT.ENT.7";
    let unknown = stand.api.post(SEND, &json!({ "userId": parent, "content": "hola" })).await.json();
    assert_eq!(unknown["code"], "recipient_unreachable", "{unknown}");
    let known = json!({ "from_user_id": USER, "from_parent_user_id": parent });
    hear(&stand, Carrier::Meta, &[with(text("wamid.1", "hola"), &known)], json!([])).await;
    let sent = stand.api.post(SEND, &json!({ "userId": parent, "content": "hola" })).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    // Nobody knows yet how to reach who is known by nothing else.
    hear(&stand, Carrier::Meta, &[with(text("wamid.2", "hola"), &json!({ "from": "GT.ENT.8" }))], json!([]))
        .await;
    let place =
        stand.conversations().await.into_iter().find(|it| it["contact"]["user_id"].is_null()).unwrap();
    let refused = stand.reply(place["id"].id_number(), "hola").await;
    assert_eq!(refused.status, 500, "{}", refused.text);
    assert_eq!(called(&stand), [USER]);
}
