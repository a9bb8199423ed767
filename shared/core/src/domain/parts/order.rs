//! Orders from a product catalog.

use serde::{Deserialize, Serialize};
use serde_json::Number;

/// A customer's order from the company's catalogue (facts: meta.md 4.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Order {
    /// Meta's id of the catalogue.
    pub catalog_id: Option<String>,
    /// What the customer wrote along with it.
    pub text: Option<String>,
    /// One entry for each product.
    pub items: Vec<OrderItem>,
}

/// A line of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct OrderItem {
    /// The company's own id of the product.
    pub product_id: Option<String>,
    /// The number of pieces.
    pub quantity: Option<Number>,
    /// The price of one, in units of the currency.
    pub price: Option<Number>,
    /// The currency, like `GTQ`.
    pub currency: Option<String>,
}

impl Order {
    /// The items on one line, like `2 × SKU, 1 × OTHER`.
    pub(super) fn line(&self) -> Option<String> {
        let item = |item: &OrderItem| {
            let quantity = item.quantity.as_ref().map_or_else(|| "1".to_owned(), Number::to_string);
            format!("{quantity} × {}", item.product_id.as_deref().unwrap_or("?"))
        };
        let line: Vec<String> = self.items.iter().map(item).collect();
        (!line.is_empty()).then(|| line.join(", "))
    }
}
