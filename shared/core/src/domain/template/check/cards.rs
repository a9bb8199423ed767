//! The cards of a carousel, and the end of a limited-time offer (facts: template-rules.md 1.1).

use serde_json::Value;

use super::{
    ValidationProblem, of,
    part::{Part, index_of, is_of},
    word,
};
use crate::domain::{content, template::TemplateDetails};

/// The maximum length of the filled body of a card, in characters.
const CARD_BODY_LIMIT: usize = 160;
const CAROUSEL: &str = "carousel";

/// The card of the message for each card of the template, and the problems with their number. A carousel of
/// products may have other cards than its template: its cards are left to the provider.
pub(super) fn cards<'a>(
    details: &'a TemplateDetails,
    sent: &'a content::TemplateContent,
) -> (Vec<Part<'a>>, Vec<ValidationProblem>) {
    let Some(template) = cards_of(&details.components) else { return (Vec::new(), Vec::new()) };
    if template.iter().any(shows_product) {
        return (Vec::new(), Vec::new());
    }
    let given = cards_of(&sent.components).unwrap_or_default();
    if given.len() != template.len() {
        let problem =
            format!("has {} cards in the template and {} in the message", template.len(), given.len());
        return (Vec::new(), vec![of(CAROUSEL, &problem)]);
    }
    let (mut parts, mut problems) = (Vec::new(), Vec::new());
    for (index, card) in template.iter().enumerate() {
        let of_index = |it: &&Value| index_of(it, "card_index").is_some_and(|it| it == index as u64);
        match given.iter().find(of_index) {
            Some(sent) => parts.push(Part {
                prefix: format!("card {index} "),
                template: components(card),
                sent: components(sent),
                format: details.format,
                body_limit: CARD_BODY_LIMIT,
            }),
            None => problems.push(of(CAROUSEL, &format!("has no card with the card_index {index}"))),
        }
    }
    (parts, problems)
}

/// The problems with the end of an offer that expires.
pub(super) fn of_offer(
    details: &TemplateDetails,
    sent: &content::TemplateContent,
) -> Option<ValidationProblem> {
    let offer = details.components.iter().find(|it| is_of(it, "LIMITED_TIME_OFFER"))?;
    let expires = offer.pointer("/limited_time_offer/has_expiration").and_then(Value::as_bool);
    let given = sent.components.iter().find(|it| is_of(it, "LIMITED_TIME_OFFER"));
    let end = given.and_then(|it| it.pointer("/parameters/0/limited_time_offer/expiration_time_ms"));
    let is_missing = expires == Some(true) && !end.is_some_and(Value::is_i64);
    is_missing.then(|| {
        of("limited_time_offer", "needs expiration_time_ms, the end of the offer in milliseconds since 1970")
    })
}

fn cards_of(components: &[Value]) -> Option<&[Value]> {
    let carousel = components.iter().find(|it| is_of(it, CAROUSEL))?;
    Some(carousel.get("cards").and_then(Value::as_array).map_or(&[], Vec::as_slice))
}

fn components(card: &Value) -> &[Value] {
    card.get("components").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn shows_product(card: &Value) -> bool {
    components(card).iter().any(|it| word(it, "format").eq_ignore_ascii_case("PRODUCT"))
}
