//! What must hold for any input at all.

use proptest::{collection::vec, prelude::*};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use ventanilla::{
    api::{
        common::Fields,
        contracts::{ambiosys, php_bot},
    },
    domain::{inbound::Says, message::MessageAddress, phone::Phone, time::Timestamp},
    whatsapp::meta::webhook as meta,
};

use crate::harness::signed;

/// Any JSON, with the names that matter to us more often than others.
fn json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "entry",
            "changes",
            "value",
            "field",
            "messages",
            "statuses",
            "contacts",
            "metadata",
            "phone_number_id",
            "id",
            "from",
            "type",
            "text",
            "body",
            "timestamp",
            "status",
            "errors",
            "context",
            "wa_id",
            "user_id",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("1001")),
        Just(json!("50212345678")),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name.clone(), inner), 0..6).prop_map(|pairs| Value::from(Map::from_iter(pairs))),
        ]
    })
}

fn split(body: &[u8]) -> Vec<ventanilla::domain::inbound::Item> {
    let secret = [SecretString::from("secret")];
    let header = signed("secret", body);
    let verified = meta::verify(body, Some(&header), &secret).unwrap();
    meta::split(verified, Timestamp::from_millis(1_772_533_800_000))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_split_into_at_least_one_item(body in vec(any::<u8>(), 0..300)) {
        prop_assert!(!split(&body).is_empty());
    }

    #[test]
    fn any_json_is_split_and_its_items_can_be_ingested_again(body in json()) {
        let wrapped = json!({ "entry": [{ "changes": [{ "field": "messages", "value": body }] }] });
        for body in [&body, &wrapped] {
            let items = split(body.to_string().as_bytes());
            prop_assert!(!items.is_empty());
            for item in items.iter().filter(|item| !matches!(item.says, Says::Other)) {
                let again = split(item.raw.as_bytes());
                prop_assert_eq!(again.len(), 1);
                prop_assert!(again[0].says == item.says, "{}", item.raw);
            }
        }
    }

    #[test]
    fn no_request_body_makes_a_contract_panic(body in vec(any::<u8>(), 0..200), text in any::<String>(), value in json()) {
        let shaped = json!({ "message": text, "content": text, "phoneNumber": text, "requestId": value });
        for body in [body, shaped.to_string().into_bytes(), value.to_string().into_bytes()] {
            let _ = Fields::read(&body);
            let _ = php_bot::read_reply(&body);
            let _ = ambiosys::send_request(&body);
            let _ = ambiosys::message_request(&body);
        }
    }

    #[test]
    fn a_phone_number_reads_the_same_however_it_is_spaced(digits in "[1-9][0-9]{7,14}", gaps in vec("[ .()/-]{0,2}", 16)) {
        let mut spelled = String::from("+");
        for (digit, gap) in digits.chars().zip(&gaps) {
            spelled.push(digit);
            spelled.push_str(gap);
        }
        // A zero alone in parentheses is the one spelling that means something else.
        prop_assume!(!spelled.contains("(0)"));
        prop_assert_eq!(Phone::parse(&spelled).map(String::from), Ok(digits));
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>()) {
        let _ = Phone::parse(&text);
        let _ = MessageAddress::from_echo(&text);
        let _ = php_bot::conversation(&text);
    }
}
