//! Reads the fields of a vCard that a [`Card`] has (RFC 6350, and versions 2.1 and 3.0 as phones write them). The
//! crates for vCards bring a database of time zones or have no owner any more.

use super::{Card, CardAddress, CardEmail, CardPhone, CardUrl};

/// A line of a vCard.
struct VcardLine<'a> {
    name: String,
    parameters: Vec<&'a str>,
    value: String,
}

/// Reads a card; missing or unreadable fields are left out.
pub(super) fn card(vcard: &str) -> Card {
    let mut card = Card::default();
    let mut structured_name = None;
    for line in unfolded(vcard).iter().filter_map(|line| VcardLine::read(line)) {
        let value = || Some(unescaped(&line.value)).filter(|value| !value.is_empty());
        let kind = line.kind();
        match line.name.as_str() {
            "FN" => card.name = value(),
            "N" => structured_name = value_of_name(&line.value),
            "TEL" => card.phones.push(CardPhone { phone: value(), wa_id: line.parameter("waid"), kind }),
            "EMAIL" => card.emails.push(CardEmail { email: value(), kind }),
            "URL" => card.urls.push(CardUrl { url: value(), kind }),
            "BDAY" => card.birthday = value(),
            "ORG" => {
                let mut parts = fields(&line.value).into_iter();
                let organization = card.organization.get_or_insert_default();
                organization.company = parts.next().flatten();
                organization.department = parts.next().flatten();
            }
            "TITLE" => card.organization.get_or_insert_default().title = value(),
            "ADR" => card.addresses.push(address(&line.value, kind)),
            _ => {}
        }
    }
    card.name = card.name.or(structured_name);
    card
}

/// Joins lines that were wrapped.
fn unfolded(vcard: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in vcard.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

impl<'a> VcardLine<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (head, value) = line.split_once(':')?;
        let mut parameters = head.split(';');
        let name = parameters.next()?;
        // "item1.TEL": a group in front.
        let name = name.rsplit('.').next()?.to_ascii_uppercase();
        Some(Self { name, parameters: parameters.collect(), value: value.trim().to_owned() })
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let find = |parameter: &&str| {
            let (known, value) = parameter.split_once('=')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
        };
        self.parameters.iter().find_map(find)
    }

    /// The kind: `TYPE=CELL`, or plain `CELL` as version 2.1 has it.
    fn kind(&self) -> Option<String> {
        let plain = || self.parameters.iter().find(|parameter| !parameter.contains('=')).copied();
        self.parameter("type").or_else(|| plain().map(str::to_owned)).map(|kind| kind.to_ascii_uppercase())
    }
}

/// The parts of a value, separated by semicolons that are not escaped.
fn fields(value: &str) -> Vec<Option<String>> {
    let mut fields = vec![String::new()];
    let mut escaped = false;
    for character in value.chars() {
        if character == ';' && !escaped {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(character);
        }
        escaped = character == '\\' && !escaped;
    }
    fields.into_iter().map(|field| Some(unescaped(&field)).filter(|field| !field.is_empty())).collect()
}

/// First name before last name, as a person would write it.
fn value_of_name(value: &str) -> Option<String> {
    let mut parts = fields(value);
    parts.truncate(2);
    parts.reverse();
    let name: Vec<String> = parts.into_iter().flatten().collect();
    (!name.is_empty()).then(|| name.join(" "))
}

fn address(value: &str, kind: Option<String>) -> CardAddress {
    // Post-office box and extension come first.
    let mut parts = fields(value).into_iter().skip(2);
    let mut next = || parts.next().flatten();
    let (street, city, state) = (next(), next(), next());
    let (zip, country) = (next(), next());
    CardAddress { street, city, state, zip, country, country_code: None, kind }
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_vcard_are_read() {
        let read = card(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ruiz;Ana;;;\r\nFN:Ana Ru\r\n iz\r\nORG:Ambiotec\\; S.A.;Ventas\r\nTITLE:Jefa\r\n\
             item1.TEL;waid=50212345678;type=CELL:+502 1234-5678\r\nEMAIL;TYPE=WORK:ana@ambiotec.example\r\n\
             ADR;TYPE=HOME:;;5a Avenida 1-23;Guatemala;;01010;Guatemala\r\nURL:https://ambiotec.example\r\nBDAY:1990-01-02\r\nEND:VCARD\r\n",
        );
        assert_eq!(read.name.as_deref(), Some("Ana Ruiz"));
        let phone = &read.phones[0];
        assert_eq!(
            (phone.phone.as_deref(), phone.wa_id.as_deref(), phone.kind.as_deref()),
            (Some("+502 1234-5678"), Some("50212345678"), Some("CELL"))
        );
        assert_eq!(read.emails[0].email.as_deref(), Some("ana@ambiotec.example"));
        let organization = read.organization.unwrap();
        assert_eq!(
            (
                organization.company.as_deref(),
                organization.department.as_deref(),
                organization.title.as_deref()
            ),
            (Some("Ambiotec; S.A."), Some("Ventas"), Some("Jefa"))
        );
        let address = &read.addresses[0];
        assert_eq!(
            (
                address.street.as_deref(),
                address.city.as_deref(),
                address.zip.as_deref(),
                address.country.as_deref()
            ),
            (Some("5a Avenida 1-23"), Some("Guatemala"), Some("01010"), Some("Guatemala"))
        );
        assert_eq!((read.urls.len(), read.birthday.as_deref()), (1, Some("1990-01-02")));
    }

    #[test]
    fn a_name_in_parts_and_old_parameters_are_read_and_nonsense_is_left_out() {
        let read = card("BEGIN:VCARD\nN:López;Luis\nTEL;CELL:5550100\nnonsense\nEND:VCARD");
        assert_eq!(
            (read.name.as_deref(), read.phones[0].kind.as_deref()),
            (Some("Luis López"), Some("CELL"))
        );
        assert_eq!(card(""), Card::default());
        assert_eq!(card("\\"), Card::default());
    }
}
