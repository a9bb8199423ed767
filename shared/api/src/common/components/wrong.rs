//! Faults in a list of components.

/// A fault, and its place.
pub(super) struct Wrong {
    pub(super) component: Option<usize>,
    pub(super) parameter: Option<usize>,
    pub(super) field: String,
    pub(super) problem: String,
}

impl Wrong {
    pub(super) fn new(field: &str, problem: impl Into<String>) -> Self {
        Self { component: None, parameter: None, field: field.to_owned(), problem: problem.into() }
    }

    /// The fault as a sentence, like `component 1: parameter 2: text must be …`.
    pub(super) fn in_words(&self) -> String {
        let numbered = |name: &str, place: Option<usize>| {
            place.map(|place| format!("{name} {}: ", place + 1)).unwrap_or_default()
        };
        let (component, parameter) =
            (numbered("component", self.component), numbered("parameter", self.parameter));
        let space = if self.field.is_empty() { "" } else { " " };
        format!("{component}{parameter}{}{space}{}", self.field, self.problem)
    }

    /// Its path in the body, like `template.components[0].parameters[1].text`.
    pub(super) fn within(&self, place: &str) -> String {
        let component = self.component.map(|place| format!("[{place}]")).unwrap_or_default();
        let parameter = self.parameter.map(|place| format!(".parameters[{place}]")).unwrap_or_default();
        let dot = if self.field.is_empty() { "" } else { "." };
        format!("{place}{component}{parameter}{dot}{}", self.field)
    }
}
