//! Interactive messages (facts: meta.md 2.3; template-rules.md 3).

use serde_json::Value;

use super::{items, length, string};
use crate::outbound::MetaError;

/// All types, and whether a body is required.
const TYPES: [(&str, bool); 15] = [
    ("button", true),
    ("list", true),
    ("cta_url", true),
    ("flow", true),
    ("location_request_message", true),
    ("product", false),
    ("product_list", true),
    ("catalog_message", true),
    ("address_message", true),
    ("order_details", true),
    ("order_status", true),
    ("carousel", true),
    ("call_permission_request", false),
    ("voice_call", true),
    ("request_contact_info", true),
];

/// Validates type, header, body, footer and action.
pub(super) fn validate(content: &Value) -> Result<(), MetaError> {
    string(content, "/type", "interactive.type")?;
    let kind = content.get("type").and_then(Value::as_str).unwrap_or_default();
    let Some((_, needs_body)) = TYPES.iter().find(|(known, _)| *known == kind) else {
        return Err(MetaError::invalid("interactive.type", &format!("must not be {kind}")));
    };
    if !content.get("action").is_some_and(Value::is_object) {
        return Err(MetaError::missing("interactive.action"));
    }
    match kind {
        "button" => buttons(content)?,
        "list" => list(content)?,
        "cta_url" => link(content)?,
        "flow" => flow(content)?,
        "carousel" => carousel(content)?,
        "address_message" => {
            string(content, "/action/parameters/country", "interactive.action.parameters.country")?;
        }
        _ => {}
    }
    if *needs_body {
        string(content, "/body/text", "interactive.body.text")?;
    }
    let max = if kind == "list" { 4096 } else { 1024 };
    length(content, "/body/text", "interactive['body']['text']", 1, max)?;
    length(content, "/footer/text", "interactive['footer']['text']", 1, 60)?;
    header(kind, content)
}

/// A header is a text or, except in lists, a file.
fn header(kind: &str, content: &Value) -> Result<(), MetaError> {
    let Some(header) = content.get("header").filter(|header| !header.is_null()) else { return Ok(()) };
    string(header, "/type", "interactive.header.type")?;
    match header.get("type").and_then(Value::as_str).unwrap_or_default() {
        "text" => {
            string(header, "/text", "interactive.header.text")?;
            length(header, "/text", "interactive['header']['text']", 1, 60)
        }
        file @ ("image" | "video" | "document") if kind != "list" => {
            let has = |name: &str| header.pointer(&format!("/{file}/{name}")).is_some_and(Value::is_string);
            if has("id") || has("link") {
                return Ok(());
            }
            Err(MetaError::missing(&format!("interactive.header.{file}")))
        }
        other => Err(MetaError::invalid("interactive.header.type", &format!("must not be {other}"))),
    }
}

fn buttons(content: &Value) -> Result<(), MetaError> {
    let buttons = items(content, "/action/buttons");
    if !(1..=3).contains(&buttons.len()) {
        let why = "must hold between 1 and 3 buttons";
        return Err(MetaError::invalid("interactive.action.buttons", why));
    }
    for button in buttons {
        string(button, "/reply/id", "button.reply.id")?;
        length(button, "/reply/id", "button['reply']['id']", 1, 256)?;
        string(button, "/reply/title", "button.reply.title")?;
        length(button, "/reply/title", "button['reply']['title']", 1, 20)?;
    }
    Ok(())
}

fn list(content: &Value) -> Result<(), MetaError> {
    string(content, "/action/button", "interactive.action.button")?;
    length(content, "/action/button", "interactive['action']['button']", 1, 20)?;
    let sections = items(content, "/action/sections");
    let rows: Vec<&Value> = sections.iter().flat_map(|section| items(section, "/rows")).collect();
    if !(1..=10).contains(&rows.len()) || sections.len() > 10 {
        let why = "must hold between 1 and 10 rows in all";
        return Err(MetaError::invalid("interactive.action.sections", why));
    }
    for section in sections {
        if sections.len() > 1 {
            string(section, "/title", "section.title")?;
        }
        length(section, "/title", "section['title']", usize::from(sections.len() > 1), 24)?;
    }
    for row in rows {
        string(row, "/id", "row.id")?;
        length(row, "/id", "row['id']", 1, 200)?;
        string(row, "/title", "row.title")?;
        length(row, "/title", "row['title']", 1, 24)?;
        length(row, "/description", "row['description']", 0, 72)?;
    }
    Ok(())
}

fn link(content: &Value) -> Result<(), MetaError> {
    string(content, "/action/parameters/display_text", "interactive.action.parameters.display_text")?;
    length(content, "/action/parameters/display_text", "parameters['display_text']", 1, 20)?;
    string(content, "/action/parameters/url", "interactive.action.parameters.url")?;
    let url = content.pointer("/action/parameters/url").and_then(Value::as_str).unwrap_or_default();
    let is_web = reqwest::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if is_web {
        Ok(())
    } else {
        Err(MetaError::invalid("interactive.action.parameters.url", "is not a valid URI"))
    }
}

fn flow(content: &Value) -> Result<(), MetaError> {
    let parameters = content.pointer("/action/parameters").unwrap_or(&Value::Null);
    let word = |name: &str| parameters.get(name).and_then(Value::as_str);
    if word("flow_message_version") != Some("3") {
        return Err(MetaError::invalid("flow_message_version", "must be 3"));
    }
    if word("flow_id").is_some() == word("flow_name").is_some() {
        return Err(MetaError::invalid("flow_id", "or flow_name is required, and not both"));
    }
    string(parameters, "/flow_cta", "flow_cta")?;
    if word("mode").is_some_and(|mode| !["draft", "published"].contains(&mode)) {
        return Err(MetaError::invalid("mode", "must be draft or published"));
    }
    if word("flow_action").is_some_and(|action| !["navigate", "data_exchange"].contains(&action)) {
        return Err(MetaError::invalid("flow_action", "must be navigate or data_exchange"));
    }
    let data = parameters.pointer("/flow_action_payload/data");
    if data.is_some_and(|data| data.as_object().is_none_or(serde_json::Map::is_empty)) {
        return Err(MetaError::invalid("flow_action_payload.data", "must be an object with fields"));
    }
    Ok(())
}

fn carousel(content: &Value) -> Result<(), MetaError> {
    let cards = items(content, "/action/cards");
    if !(2..=10).contains(&cards.len()) {
        return Err(MetaError::invalid("interactive.action.cards", "must hold between 2 and 10 cards"));
    }
    let mut places: Vec<u64> = cards.iter().filter_map(|card| card.get("card_index")?.as_u64()).collect();
    places.sort_unstable();
    places.dedup();
    if places.len() != cards.len() || places.last().is_some_and(|last| *last > 9) {
        return Err(MetaError::invalid("card_index", "must be different for each card, from 0 to 9"));
    }
    if ["header", "footer"].iter().any(|part| content.get(part).is_some()) {
        return Err(MetaError::invalid("interactive", "must have no header and no footer"));
    }
    cards.iter().try_for_each(|card| length(card, "/body/text", "card['body']['text']", 1, 160))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::validate;

    fn code(content: &Value) -> Option<u32> {
        validate(content).err().map(|error| error.code)
    }

    /// A message of this type with a body and this action.
    fn message(kind: &str, action: &Value) -> Value {
        json!({"type": kind, "body": {"text": "?"}, "action": action})
    }

    fn with_buttons(count: usize, id: &str, title: &str) -> Value {
        let button = json!({"type": "reply", "reply": {"id": id, "title": title}});
        message("button", &json!({"buttons": vec![button; count]}))
    }

    #[test]
    fn buttons_keep_to_their_limits() {
        assert_eq!(code(&with_buttons(3, "a", "Yes")), None);
        assert_eq!(code(&with_buttons(4, "a", "Yes")), Some(131_009));
        assert_eq!(code(&with_buttons(0, "a", "Yes")), Some(131_009));
        assert_eq!(code(&with_buttons(1, "a", &"y".repeat(21))), Some(100));
        assert_eq!(code(&with_buttons(1, &"a".repeat(257), "Yes")), Some(100));
    }

    #[test]
    fn a_list_keeps_to_its_limits() {
        let with_rows = |sections: usize, count: usize, description: &str| {
            let rows = vec![json!({"id": "a", "title": "A", "description": description}); count];
            let section = json!({"title": "S", "rows": rows});
            message("list", &json!({"button": "Menu", "sections": vec![section; sections]}))
        };
        assert_eq!(code(&with_rows(1, 10, "")), None);
        assert_eq!(code(&with_rows(1, 11, "")), Some(131_009));
        assert_eq!(code(&with_rows(5, 2, "")), None);
        assert_eq!(code(&with_rows(6, 2, "")), Some(131_009));
        assert_eq!(code(&with_rows(1, 1, &"d".repeat(73))), Some(100));
        let rows = json!({"rows": [{"id": "a", "title": "A"}]});
        let untitled = json!({"button": "Menu", "sections": [rows, rows]});
        assert_eq!(code(&message("list", &untitled)), Some(131_008));
        let labelled = json!({"button": "m".repeat(21), "sections": [rows]});
        assert_eq!(code(&message("list", &labelled)), Some(100));
    }

    #[test]
    fn header_body_and_footer_have_lengths() {
        let with = |part: &str, value: Value| {
            let mut content = with_buttons(1, "a", "Yes");
            content[part] = value;
            code(&content)
        };
        assert_eq!(with("body", json!({"text": "x".repeat(1024)})), None);
        assert_eq!(with("body", json!({"text": "x".repeat(1025)})), Some(100));
        assert_eq!(with("body", Value::Null), Some(131_008));
        assert_eq!(with("footer", json!({"text": "x".repeat(61)})), Some(100));
        assert_eq!(with("header", json!({"type": "text", "text": "x".repeat(61)})), Some(100));
        assert_eq!(
            with("header", json!({"type": "image", "image": {"link": "https://x.example/a.png"}})),
            None
        );
        assert_eq!(with("header", json!({"type": "image", "image": {}})), Some(131_008));
        assert_eq!(with("header", json!({"type": "audio"})), Some(131_009));
        let rows = json!([{"rows": [{"id": "a", "title": "A"}]}]);
        let mut list = message("list", &json!({"button": "Menu", "sections": rows}));
        list["header"] = json!({"type": "image", "image": {"id": "1"}});
        assert_eq!(code(&list), Some(131_009), "a list has a text above it only");
        list["header"] = Value::Null;
        list["body"] = json!({"text": "x".repeat(4096)});
        assert_eq!(code(&list), None);
    }

    #[test]
    fn a_link_has_a_label_and_a_web_address() {
        let link = |text: &str, url: &str| {
            code(&message(
                "cta_url",
                &json!({"name": "cta_url", "parameters": {"display_text": text, "url": url}}),
            ))
        };
        assert_eq!(link("Open", "https://x.example"), None);
        assert_eq!(link(&"x".repeat(21), "https://x.example"), Some(100));
        assert_eq!(link("Open", "x.example"), Some(131_009));
        assert_eq!(code(&message("cta_url", &json!({"name": "cta_url"}))), Some(131_008));
    }

    #[test]
    fn a_flow_is_named_once_and_has_data_or_none() {
        let flow = |changes: Value| {
            let mut parameters = json!({"flow_message_version": "3", "flow_id": "1", "flow_cta": "Go"});
            if let (Some(parameters), Some(changes)) = (parameters.as_object_mut(), changes.as_object()) {
                parameters.extend(changes.clone());
            }
            code(&message("flow", &json!({"name": "flow", "parameters": parameters})))
        };
        assert_eq!(flow(json!({})), None);
        assert_eq!(flow(json!({"flow_name": "visit"})), Some(131_009));
        assert_eq!(flow(json!({"flow_message_version": "2"})), Some(131_009));
        assert_eq!(flow(json!({"flow_cta": null})), Some(131_008));
        assert_eq!(flow(json!({"flow_action_payload": {"data": {}}})), Some(131_009));
        assert_eq!(flow(json!({"flow_action_payload": {"screen": "A", "data": {"a": 1}}})), None);
        assert_eq!(flow(json!({"mode": "test"})), Some(131_009));
    }

    #[test]
    fn a_carousel_has_two_to_ten_cards_and_nothing_around_them() {
        let card = |place: usize| json!({"card_index": place, "body": {"text": "x"}});
        let cards =
            |count: usize| message("carousel", &json!({"cards": (0..count).map(card).collect::<Vec<_>>()}));
        assert_eq!((code(&cards(2)), code(&cards(10))), (None, None));
        assert_eq!((code(&cards(1)), code(&cards(11))), (Some(131_009), Some(131_009)));
        assert_eq!(code(&message("carousel", &json!({"cards": [card(0), card(0)]}))), Some(131_009));
        let mut with_footer = cards(2);
        with_footer["footer"] = json!({"text": "x"});
        assert_eq!(code(&with_footer), Some(131_009));
    }

    #[test]
    fn the_type_is_a_known_one() {
        assert_eq!(code(&message("poll", &json!({}))), Some(131_009));
        assert_eq!(code(&message("location_request_message", &json!({"name": "send_location"}))), None);
        assert_eq!(code(&message("address_message", &json!({"name": "address_message"}))), Some(131_008));
        assert_eq!(code(&json!({"type": "product", "action": {"catalog_id": "C"}})), None);
    }
}
