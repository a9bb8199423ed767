//! The cards of a carousel (facts: template-rules.md 1.1).

use serde_json::Value;

use super::{
    component::{check_all, find},
    errors::wrong_count,
    parts::{Parts, validate_parts},
};
use crate::{
    outbound::MetaError,
    templates::{Template, items, text_field},
};

/// The maximum length of the filled body of a card, in characters.
const MAX_CARD_BODY: usize = 160;

/// Validates that each card of the template is filled. Of product cards a message may have up to 10.
pub(super) fn validate(template: &Template, components: &[Value]) -> Result<(), MetaError> {
    let given = find(components, "carousel").map_or(&[][..], |component| items(component, "cards"));
    let defined = template.component("CAROUSEL").map_or(&[][..], |component| items(component, "cards"));
    let Some(first) = defined.first() else {
        return if given.is_empty() { Ok(()) } else { Err(wrong_count("carousel", 0, given.len())) };
    };
    let fits =
        if is_of_products(first) { (2..=10).contains(&given.len()) } else { given.len() == defined.len() };
    if !fits {
        return Err(wrong_count("carousel", defined.len(), given.len()));
    }
    for place in 0..given.len() {
        let mut own =
            given.iter().filter(|card| card.get("card_index").and_then(Value::as_u64) == Some(place as u64));
        let (Some(card), None) = (own.next(), own.next()) else {
            return Err(MetaError::invalid("card_index", "must be different for each card, from 0"));
        };
        let filled = items(card, "components");
        check_all(filled)?;
        let defined = items(defined.get(place).unwrap_or(first), "components");
        validate_parts(&Parts { defined, format: template.format, max_body: MAX_CARD_BODY }, filled)?;
    }
    Ok(())
}

fn is_of_products(card: &Value) -> bool {
    items(card, "components").iter().any(|component| text_field(component, "format") == "PRODUCT")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::validate;
    use crate::templates::Template;

    fn template(format: &str) -> Template {
        let card = json!({"components": [
            {"type": "HEADER", "format": format},
            {"type": "BODY", "text": "Hola {{1}}, bien."},
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Sí"}]},
        ]});
        let carousel = json!({"type": "CAROUSEL", "cards": [card, card]});
        Template::new("sale", "es", "MARKETING", vec![json!({"type": "BODY", "text": "Hola."}), carousel])
    }

    fn card(index: usize, kind: &str, text: &str) -> Value {
        let file = json!({"type": kind, kind: {"id": "1", "product_retailer_id": "S", "catalog_id": "C"}});
        json!({"card_index": index, "components": [
            {"type": "header", "parameters": [file]},
            {"type": "body", "parameters": [{"type": "text", "text": text}]},
        ]})
    }

    fn code(format: &str, cards: &[Value]) -> Option<u32> {
        let components = [json!({"type": "carousel", "cards": cards})];
        validate(&template(format), &components).err().map(|error| error.code)
    }

    #[test]
    fn a_message_fills_exactly_the_cards_of_its_template() {
        let cards = |count: usize| (0..count).map(|place| card(place, "image", "Ana")).collect::<Vec<_>>();
        assert_eq!(code("IMAGE", &cards(2)), None);
        assert_eq!(code("IMAGE", &cards(1)), Some(132_000));
        assert_eq!(code("IMAGE", &cards(3)), Some(132_000));
        assert_eq!(code("IMAGE", &[card(0, "image", "Ana"), card(0, "image", "Ana")]), Some(131_009));
        assert_eq!(validate(&template("IMAGE"), &[]).err().map(|error| error.code), Some(132_000));
    }

    #[test]
    fn a_product_carousel_has_up_to_ten_cards() {
        let cards = |count: usize| (0..count).map(|place| card(place, "product", "Ana")).collect::<Vec<_>>();
        assert_eq!(code("PRODUCT", &cards(10)), None);
        assert_eq!(code("PRODUCT", &cards(11)), Some(132_000));
    }

    #[test]
    fn a_card_is_filled_like_a_template() {
        assert_eq!(code("IMAGE", &[card(0, "image", "Ana"), card(1, "video", "Ana")]), Some(132_012));
        assert_eq!(code("IMAGE", &[card(0, "image", "Ana"), card(1, "image", "a\nb")]), Some(132_018));
        let long = "x".repeat(160);
        assert_eq!(code("IMAGE", &[card(0, "image", "Ana"), card(1, "image", &long)]), Some(132_005));
    }
}
