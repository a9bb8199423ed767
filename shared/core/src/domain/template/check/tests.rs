//! Messages with and without faults, for each rule.

use serde_json::json;

use super::*;
use crate::domain::{
    template::{ParameterFormat, TemplateDetails, TemplateKey},
    time::Timestamp,
};

fn template(format: ParameterFormat, components: Value) -> Template {
    let Value::Array(components) = components else { panic!() };
    let details = TemplateDetails {
        status: "APPROVED".into(),
        category: "UTILITY".into(),
        format,
        components,
        quality: None,
    };
    let (tenant, account) = ("demo".parse().unwrap(), "2001".to_owned().try_into().unwrap());
    let key = TemplateKey::of("visit", "es").unwrap();
    Template::listed(tenant, account, key, details, Timestamp::from_millis(0))
}

fn problems(template: &Template, components: Value) -> Vec<String> {
    let Value::Array(components) = components else { panic!() };
    let sent = content::TemplateContent::new("visit", "es", components).unwrap();
    check(template, &sent).into_iter().map(|it| format!("{}: {}", it.component, it.problem)).collect()
}

fn full() -> Template {
    template(
        ParameterFormat::Positional,
        json!([
            { "type": "HEADER", "format": "IMAGE" },
            { "type": "BODY", "text": "Hola {{1}}, {{2}}" },
            { "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.example/{{1}}" }] },
        ]),
    )
}

#[test]
fn a_message_with_all_parameters_is_valid() {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let right = json!([
        { "type": "header", "parameters": [{ "type": "image", "image": { "id": "7" } }] },
        { "type": "body", "parameters": [text("a"), { "type": "currency", "currency": {} }] },
        { "type": "button", "sub_type": "url", "index": "0", "parameters": [text("x")] },
        { "type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{ "type": "payload" }] },
    ]);
    assert_eq!(problems(&full(), right), Vec::<String>::new());
}

#[test]
fn all_faults_are_reported_at_once() {
    let mut paused = full();
    paused.details.status = "PAUSED".into();
    let wrong = json!([
        { "type": "header", "parameters": [{ "type": "text", "text": "x" }] },
        { "type": "body", "parameters": [{ "type": "text", "text": "a" }] },
        { "type": "button", "sub_type": "url", "index": "3", "parameters": [{ "type": "text", "text": "x" }] },
    ]);
    assert_eq!(
        problems(&paused, wrong),
        [
            "template: its status is PAUSED",
            "header: a parameter of type image is expected, not text",
            "body: asks for 2 parameters and is given 1",
            "button 0: asks for 1 parameters and is given 0",
            "button 3: asks for 0 parameters and is given 1",
        ]
    );
}

#[test]
fn named_parameters_are_found_by_their_names_in_any_order() {
    let named =
        template(ParameterFormat::Named, json!([{ "type": "BODY", "text": "Hi {{first_name}}, {{order}}" }]));
    let given = |names: &[&str]| {
        let all: Vec<Value> =
            names.iter().map(|name| json!({ "type": "text", "parameter_name": name, "text": "x" })).collect();
        json!([{ "type": "body", "parameters": all }])
    };
    assert_eq!(problems(&named, given(&["order", "first_name"])), Vec::<String>::new());
    assert_eq!(
        problems(&named, given(&["order", "surname"])),
        ["body: parameter_name first_name is missing", "body: parameter_name surname is not in the template"]
    );
    let unnamed = json!([{ "type": "body", "parameters": [{ "type": "text", "text": "x" }] }]);
    assert!(problems(&named, unnamed).contains(&"body: every parameter needs its parameter_name".to_owned()));
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn positional(components: Value) -> Template {
    template(ParameterFormat::Positional, components)
}

fn greeting() -> Template {
    positional(
        json!([{ "type": "HEADER", "format": "TEXT", "text": "A {{1}}" }, { "type": "BODY", "text": "Hola {{1}}" }]),
    )
}

fn greeted(header: &str, body: &str) -> Value {
    json!([{ "type": "header", "parameters": [text(header)] }, { "type": "body", "parameters": [text(body)] }])
}

#[test]
fn the_text_of_a_parameter_is_one_line_and_not_blank() {
    assert_eq!(problems(&greeting(), greeted("Ana", "a    b")), Vec::<String>::new());
    for wrong in ["a\nb", "a\tb", "a\rb", "a     b"] {
        assert_eq!(
            problems(&greeting(), greeted("Ana", wrong)),
            ["body: parameter 1 must be one line, without tabs and without more than four spaces in a row"],
            "{wrong:?}"
        );
    }
    assert_eq!(problems(&greeting(), greeted("  ", "a")), ["header: parameter 1 must not be blank"]);
}

#[test]
fn the_filled_text_has_a_limit_in_characters() {
    // "A " and "Hola " are two and five characters.
    assert_eq!(problems(&greeting(), greeted(&"ñ".repeat(58), &"ñ".repeat(1019))), Vec::<String>::new());
    assert_eq!(
        problems(&greeting(), greeted(&"ñ".repeat(59), &"ñ".repeat(1020))),
        [
            "header: is 61 characters long when filled in; the limit is 60",
            "body: is 1025 characters long when filled in; the limit is 1024"
        ]
    );
}

#[test]
fn numbered_variables_take_no_names_and_a_name_stands_once() {
    let named = json!({ "type": "text", "parameter_name": "first_name", "text": "Ana" });
    let body =
        json!([{ "type": "header", "parameters": [text("x")] }, { "type": "body", "parameters": [named] }]);
    assert_eq!(
        problems(&greeting(), body),
        ["body: its variables are numbered: leave out parameter_name first_name, and keep the order"]
    );
    let by_name = template(ParameterFormat::Named, json!([{ "type": "BODY", "text": "Hi {{first_name}}" }]));
    let twice = json!([{ "type": "body", "parameters": [named, named] }]);
    assert_eq!(problems(&by_name, twice), ["body: parameter_name first_name stands twice"]);
}

#[test]
fn a_component_stands_once_and_a_button_has_its_index() {
    let body = json!({ "type": "body", "parameters": [text("a")] });
    let twice =
        problems(&positional(json!([{ "type": "BODY", "text": "{{1}} {{2}}" }])), json!([body, body]));
    assert_eq!(twice, ["body: stands twice; put all parameters into one component"]);
    let plain = positional(json!([{ "type": "BODY", "text": "Hola" }]));
    let button = json!([{ "type": "button", "sub_type": "quick_reply", "parameters": [] }]);
    assert_eq!(problems(&plain, button), ["button: needs its index, the place of the button from 0"]);
    let call = json!([{ "type": "button", "sub_type": "voice_call", "parameters": [] }]);
    assert_eq!(problems(&plain, call), Vec::<String>::new());
}

#[test]
fn flows_catalogs_and_products_need_their_component() {
    for (kind, sub_type) in [("FLOW", "flow"), ("CATALOG", "catalog"), ("MPM", "mpm")] {
        let asked = positional(
            json!([{ "type": "BUTTONS", "buttons": [{ "type": "PHONE_NUMBER" }, { "type": kind }] }]),
        );
        let needs =
            format!("button 1: is of type {kind}: every message needs a component of sub_type {sub_type}");
        assert_eq!(problems(&asked, json!([])), [needs]);
        let given = json!([{ "type": "button", "sub_type": sub_type, "index": 1 }]);
        assert_eq!(problems(&asked, given), Vec::<String>::new());
    }
}

#[test]
fn the_sub_type_is_that_of_the_button_at_the_index() {
    for (kind, sub_type) in
        [("QUICK_REPLY", "quick_reply"), ("OTP", "url"), ("FLOW", "flow"), ("VOICE_CALL", "voice_call")]
    {
        let asked = positional(json!([{ "type": "BUTTONS", "buttons": [{ "type": kind }] }]));
        let sent = |sub_type: &str| {
            let parameters = if kind == "OTP" { json!([text("123456")]) } else { json!([]) };
            json!([{ "type": "button", "sub_type": sub_type, "index": "0", "parameters": parameters }])
        };
        assert_eq!(problems(&asked, sent(sub_type)), Vec::<String>::new());
        let wrong = problems(&asked, sent("mpm"));
        let says = format!("button 0: is of type {kind}: its sub_type is {sub_type}, not mpm");
        assert!(wrong.contains(&says), "{wrong:?}");
    }
    let unknown = positional(json!([{ "type": "BUTTONS", "buttons": [{ "type": "OF_TOMORROW" }] }]));
    let sent = json!([{ "type": "button", "sub_type": "of_tomorrow", "index": 0, "parameters": [] }]);
    assert_eq!(problems(&unknown, sent), Vec::<String>::new());
}

#[test]
fn the_end_of_a_url_is_percent_encoded_and_not_too_long() {
    let asked = positional(
        json!([{ "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.example/{{1}}" }] }]),
    );
    let sent =
        |end: &str| json!([{ "type": "button", "sub_type": "url", "index": "0", "parameters": [text(end)] }]);
    assert_eq!(problems(&asked, sent("order%207?x=1")), Vec::<String>::new());
    for (end, says) in [
        ("order 7", "the end of a URL must be percent-encoded: it has ' '"),
        ("a:b", "the end of a URL must be percent-encoded: it has ':'"),
        ("mañana", "the end of a URL must be percent-encoded: it has 'ñ'"),
        ("https://a.example/7", "must be the end of the URL only, not the whole URL"),
    ] {
        assert_eq!(problems(&asked, sent(end)), [format!("button 0: {says}")]);
    }
    let long = problems(&asked, sent(&"x".repeat(1983)));
    assert_eq!(long, ["button 0: the URL is 2001 characters long when filled in; the limit is 2000"]);
}

#[test]
fn a_code_to_copy_has_letters_and_digits_only() {
    let asked = positional(json!([{ "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE" }] }]));
    let sent = |code: &str| {
        let parameter = json!({ "type": "coupon_code", "coupon_code": code });
        json!([{ "type": "button", "sub_type": "copy_code", "index": "0", "parameters": [parameter] }])
    };
    assert_eq!(problems(&asked, sent("VERANO20")), Vec::<String>::new());
    for wrong in ["", "VERANO 20", "20%"] {
        assert_eq!(
            problems(&asked, sent(wrong)),
            ["button 0: a code to copy has letters and digits only, and is not empty"]
        );
    }
}

#[test]
fn a_login_code_is_short_and_the_same_in_body_and_button() {
    let mut login = positional(json!([
        { "type": "BODY", "text": "*{{1}}* es su código." },
        { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] },
    ]));
    let sent = |body: &str, button: &str| {
        json!([
            { "type": "body", "parameters": [text(body)] },
            { "type": "button", "sub_type": "url", "index": "0", "parameters": [text(button)] },
        ])
    };
    let wrong = sent("1234567890123456", "123456");
    assert_eq!(problems(&login, wrong.clone()), Vec::<String>::new(), "no login code of another category");
    login.details.category = "AUTHENTICATION".into();
    assert_eq!(problems(&login, sent("123456789012345", "123456789012345")), Vec::<String>::new());
    assert_eq!(
        problems(&login, wrong),
        [
            "body: a login code has at most 15 characters",
            "button 0: must have the same login code as the body"
        ]
    );
}

fn carousel() -> Template {
    let card = json!({ "components": [
        { "type": "HEADER", "format": "IMAGE" },
        { "type": "BODY", "text": "Desde {{1}}" },
        { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Ver" }] },
    ] });
    positional(json!([{ "type": "BODY", "text": "Ofertas" }, { "type": "CAROUSEL", "cards": [card, card] }]))
}

fn card(index: u64, components: &Value) -> Value {
    json!({ "card_index": index, "components": components })
}

#[test]
fn a_message_fills_exactly_the_cards_of_its_template() {
    let full = json!([
        { "type": "header", "parameters": [{ "type": "image", "image": { "id": "7" } }] },
        { "type": "body", "parameters": [text("Q50")] },
    ]);
    let sent = |cards: Value| json!([{ "type": "carousel", "cards": cards }]);
    assert_eq!(problems(&carousel(), sent(json!([card(1, &full), card(0, &full)]))), Vec::<String>::new());
    let missing = ["carousel: has 2 cards in the template and 0 in the message"];
    assert_eq!(problems(&carousel(), json!([])), missing);
    assert_eq!(problems(&carousel(), sent(json!([]))), missing);
    assert_eq!(
        problems(&carousel(), sent(json!([card(0, &full), card(0, &full)]))),
        ["carousel: has no card with the card_index 1"]
    );
    let long = json!([full[0], { "type": "body", "parameters": [text(&"x".repeat(155))] }]);
    assert_eq!(
        problems(&carousel(), sent(json!([card(0, &json!([])), card(1, &long)]))),
        [
            "card 0 header: asks for 1 parameters and is given 0",
            "card 0 body: asks for 1 parameters and is given 0",
            "card 1 body: is 161 characters long when filled in; the limit is 160",
        ]
    );
}

#[test]
fn cards_of_products_are_left_to_the_provider() {
    let card = json!({ "components": [{ "type": "HEADER", "format": "PRODUCT" }] });
    let products = positional(json!([{ "type": "CAROUSEL", "cards": [card] }]));
    assert_eq!(problems(&products, json!([])), Vec::<String>::new());
}

#[test]
fn an_offer_that_expires_needs_its_end() {
    let offer = |expires: bool| {
        let asked = json!({ "text": "Oferta", "has_expiration": expires });
        positional(json!([{ "type": "LIMITED_TIME_OFFER", "limited_time_offer": asked }]))
    };
    let ends = |at: Value| {
        let parameter =
            json!({ "type": "limited_time_offer", "limited_time_offer": { "expiration_time_ms": at } });
        json!([{ "type": "limited_time_offer", "parameters": [parameter] }])
    };
    let needs =
        ["limited_time_offer: needs expiration_time_ms, the end of the offer in milliseconds since 1970"];
    assert_eq!(problems(&offer(true), ends(json!(1_796_140_800_000_u64))), Vec::<String>::new());
    assert_eq!(problems(&offer(false), json!([])), Vec::<String>::new());
    for wrong in [json!([]), ends(json!("mañana"))] {
        assert_eq!(problems(&offer(true), wrong), needs);
    }
}
