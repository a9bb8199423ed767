//! Reads a body of the type `multipart/form-data` (RFC 7578).

use bytes::Bytes;

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    /// Whether the part names a file.
    pub(super) is_file: bool,
    pub(super) content_type: Option<String>,
    pub(super) bytes: Bytes,
}

impl Part {
    /// The content as text; empty if it is none.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default().trim()
    }
}

/// The parts of a body whose `Content-Type` is this; `None` if it is no form or is cut off.
pub(super) fn parts(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let delimiter = format!("--{}", parameter(parameters, "boundary")?).into_bytes();
    let mut parts = Vec::new();
    let mut start = find(body, &delimiter, 0)? + delimiter.len();
    loop {
        let rest = body.get(start..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let head_end = find(body, b"\r\n\r\n", start)?;
        let content = head_end + 4;
        let end = find(body, &[b"\r\n", delimiter.as_slice()].concat(), content)?;
        let head = std::str::from_utf8(body.get(start..head_end)?).ok()?;
        parts.push(part(head, body.slice(content..end))?);
        start = end + 2 + delimiter.len();
    }
}

fn part(head: &str, bytes: Bytes) -> Option<Part> {
    let header = |wanted: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: parameter(disposition, "name")?,
        is_file: parameter(disposition, "filename").or_else(|| parameter(disposition, "filename*")).is_some(),
        content_type: header("content-type").map(str::to_owned),
        bytes,
    })
}

/// A parameter of a header, with or without quotes.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut pairs = header.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn find(body: &[u8], wanted: &[u8], start: usize) -> Option<usize> {
    let rest = body.get(start..)?;
    rest.windows(wanted.len()).position(|window| window == wanted).map(|place| start + place)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Part, parts};

    const FORM: &str = "multipart/form-data; boundary=\"x-1\"";

    fn body(text: &str) -> Bytes {
        Bytes::from(text.replace('\n', "\r\n"))
    }

    #[test]
    fn a_form_is_read_part_by_part() {
        let body = body(
            "preamble\n--x-1\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\n\
             content-type: image/png\n\n\u{1}--x-2\n\n\n--x-1\nContent-Disposition: form-data; name=type\n\n\
             image\n--x-1--\n",
        );
        let parts = parts(FORM, &body).unwrap_or_default();
        let file = Part {
            name: "file".to_owned(),
            is_file: true,
            content_type: Some("image/png".to_owned()),
            bytes: Bytes::from("\u{1}--x-2\r\n\r\n"),
        };
        assert_eq!(parts.first(), Some(&file));
        assert_eq!(parts.get(1).map(|part| (part.name.as_str(), part.text())), Some(("type", "image")));
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn what_is_no_whole_form_is_not_read() {
        let whole = "--x-1\nContent-Disposition: form-data; name=\"a\"\n\nb\n--x-1--";
        assert!(parts(FORM, &body(whole)).is_some());
        assert!(parts("application/json", &body(whole)).is_none());
        assert!(parts("multipart/form-data", &body(whole)).is_none());
        assert!(parts(FORM, &body(&whole[..whole.len() - 8])).is_none());
        assert!(parts(FORM, &body("")).is_none());
        assert!(parts(FORM, &body("--x-1\nno-disposition: 1\n\nb\n--x-1--")).is_none());
    }
}
