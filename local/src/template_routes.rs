//! The events of API Gateway in a SAM template, written from the tables of routes.

use ventanilla::api::common::route::Route;

/// Begins the events of a function; its name follows.
const BEGIN: &str = "        # Routes of ";
/// Ends the events of a function.
const END: &str = "        # End of the routes";

/// The function that providers call. Its webhooks come in bursts after an outage, so they have limits of their own.
const WEBHOOK: &str = "webhook";

/// A template without the marks that the events are written between.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A function of the tables has no place.
    #[error("the template has no line `# Routes of {0}: …`")]
    NoPlace(&'static str),
    /// A place does not end.
    #[error("the template has no line `# End of the routes` after line {0}")]
    NoEnd(usize),
}

/// The template with the events of these routes, each function's between its marks.
///
/// # Errors
/// When a mark is missing.
pub fn write_routes(template: &str, routes: &[&Route]) -> Result<String, TemplateError> {
    let has_place = |name: &str| template.lines().any(|line| function_of(line) == Some(name));
    if let Some(route) = routes.iter().find(|route| !has_place(route.function)) {
        return Err(TemplateError::NoPlace(route.function));
    }
    let mut written = String::with_capacity(template.len());
    let mut lines = template.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        written.push_str(line);
        written.push('\n');
        let Some(function) = function_of(line) else { continue };
        for route in routes.iter().filter(|route| route.function == function) {
            written.push_str(&event(route));
        }
        if !lines.any(|(_, line)| line == END) {
            return Err(TemplateError::NoEnd(number + 1));
        }
        written.push_str(END);
        written.push('\n');
    }
    Ok(written)
}

/// The function whose events begin after this line.
fn function_of(line: &str) -> Option<&str> {
    line.strip_prefix(BEGIN)?.split(':').next()
}

/// The event of a route. SAM derives the ids of resources from its name, which is the operation's.
fn event(route: &Route) -> String {
    let Route { operation, path, .. } = route;
    let (first, rest) = operation.split_at_checked(1).unwrap_or_default();
    let name = format!("{}{rest}", first.to_ascii_uppercase());
    let method = route.method.to_ascii_uppercase();
    let limits = if route.function == WEBHOOK {
        ",\n          RouteSettings: { ThrottlingRateLimit: !Ref CallbackRateLimit, ThrottlingBurstLimit: !Ref CallbackBurstLimit }"
    } else {
        ""
    };
    format!(
        "        {name}: {{ Type: HttpApi, Properties: {{ ApiId: !Ref HttpApi, Method: {method}, Path: \"{path}\", \
         PayloadFormatVersion: \"2.0\", TimeoutInMillis: 29000{limits} }} }}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla::api::common::access::RouteAccess;

    const ROUTE: Route = Route {
        function: "reply",
        method: "any",
        path: "/v1/x/{id}",
        access: RouteAccess::AnyKey,
        operation: "replyToX",
        summary: "Reply",
        parameters: &[],
    };

    #[test]
    fn events_replace_what_stands_between_the_marks() {
        let template =
            "a\n        # Routes of reply: written.\n        Old: {}\n        # End of the routes\nb\n";
        let written = write_routes(template, &[&ROUTE]).unwrap();
        let event = "        ReplyToX: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: ANY, \
                     Path: \"/v1/x/{id}\", PayloadFormatVersion: \"2.0\", TimeoutInMillis: 29000 } }";
        let expected =
            format!("a\n        # Routes of reply: written.\n{event}\n        # End of the routes\nb\n");
        assert_eq!(written, expected);
        assert_eq!(write_routes(&written, &[&ROUTE]).unwrap(), written, "a second time changes nothing");
    }

    #[test]
    fn a_missing_mark_is_an_error() {
        assert_eq!(write_routes("a\n", &[&ROUTE]), Err(TemplateError::NoPlace("reply")));
        let endless = "a\n        # Routes of reply: written.\n        Old: {}\n";
        assert_eq!(write_routes(endless, &[&ROUTE]), Err(TemplateError::NoEnd(2)));
    }
}
