//! The cards of a carousel to create.

use serde_json::Value;

use super::{buttons, texts};
use crate::{
    outbound::MetaError,
    templates::{ParameterFormat, items, text_field},
};

/// The maximum length of the body of a card, in characters.
const MAX_CARD_BODY: usize = 160;

/// Validates the cards: 2 to 10 of the same form.
pub(super) fn check(carousel: &Value, format: ParameterFormat) -> Result<(), MetaError> {
    let cards = items(carousel, "cards");
    if !(2..=10).contains(&cards.len()) {
        return Err(MetaError::malformed("CAROUSEL: between 2 and 10 cards are required."));
    }
    for card in cards {
        check_card(items(card, "components"), format)?;
    }
    let form = |card: &Value| -> Vec<String> {
        let parts = items(card, "components").iter();
        let buttons = parts.clone().flat_map(|part| items(part, "buttons"));
        let kinds = parts.map(|part| format!("{}{}", text_field(part, "type"), text_field(part, "format")));
        kinds.chain(buttons.map(|button| text_field(button, "type").to_owned())).collect()
    };
    if cards.windows(2).any(|pair| pair.first().map(form) != pair.last().map(form)) {
        return Err(MetaError::malformed("CAROUSEL: all cards must have the same components."));
    }
    Ok(())
}

fn check_card(components: &[Value], format: ParameterFormat) -> Result<(), MetaError> {
    let find = |kind: &str| components.iter().find(|part| text_field(part, "type") == kind);
    let header = find("HEADER").ok_or_else(|| MetaError::malformed("CAROUSEL: each card needs a HEADER."))?;
    if !["IMAGE", "VIDEO", "PRODUCT"].contains(&text_field(header, "format")) {
        return Err(MetaError::malformed(
            "CAROUSEL: the HEADER of a card is an image, a video or a product.",
        ));
    }
    texts::header(header, format)?;
    if let Some(body) = find("BODY") {
        texts::body(body, format, MAX_CARD_BODY)?;
    }
    let given = find("BUTTONS").map_or(&[][..], |part| items(part, "buttons"));
    if !(1..=2).contains(&given.len()) {
        return Err(MetaError::malformed("CAROUSEL: each card needs 1 or 2 buttons."));
    }
    buttons::check(given, format)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;
    use crate::templates::ParameterFormat::Positional;

    fn card(format: &str, body: &str, buttons: usize) -> Value {
        let button = json!({"type": "QUICK_REPLY", "text": "Sí"});
        json!({"components": [
            {"type": "HEADER", "format": format, "example": {"header_handle": ["4::aW"]}},
            {"type": "BODY", "text": body},
            {"type": "BUTTONS", "buttons": vec![button; buttons]},
        ]})
    }

    fn is_valid(cards: &[Value]) -> bool {
        check(&json!({"cards": cards}), Positional).is_ok()
    }

    #[test]
    fn a_carousel_has_two_to_ten_cards_of_one_form() {
        let good = card("IMAGE", "Hola.", 1);
        assert!(is_valid(&vec![good.clone(); 2]) && is_valid(&vec![good.clone(); 10]));
        assert!(!is_valid(&vec![good.clone(); 1]) && !is_valid(&vec![good.clone(); 11]));
        assert!(!is_valid(&[good.clone(), card("VIDEO", "Hola.", 1)]));
        assert!(!is_valid(&[good.clone(), card("IMAGE", "Hola.", 2)]));
    }

    #[test]
    fn a_card_has_a_file_a_short_body_and_up_to_two_buttons() {
        assert!(is_valid(&vec![card("IMAGE", &"x".repeat(160), 2); 2]));
        assert!(!is_valid(&vec![card("IMAGE", &"x".repeat(161), 2); 2]));
        assert!(!is_valid(&vec![card("IMAGE", "Hola.", 3); 2]));
        assert!(!is_valid(&vec![card("IMAGE", "Hola.", 0); 2]));
        assert!(!is_valid(&vec![card("DOCUMENT", "Hola.", 1); 2]));
    }
}
