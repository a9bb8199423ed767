//! Which scripted fault is due for a call.

use crate::{Fault, FaultRule};

/// The fault of the first rule that strikes, which is used up by it.
///
/// `by_kaleyra` tells who carries the number: what only Kaleyra does wrong passes Meta's numbers by,
/// as if the rule named another number. `is_recipient` tells whether a rule's `to` names the
/// recipient of this call.
pub(crate) fn take_call_fault(
    rules: &mut Vec<FaultRule>,
    phone_number_id: &str,
    by_kaleyra: bool,
    is_recipient: impl Fn(&str) -> bool,
) -> Option<Fault> {
    take_matching(rules, |rule| {
        !rule.fault.is_of_lists()
            && rule.phone_number_id.as_deref().is_none_or(|id| id == phone_number_id)
            && (by_kaleyra || !rule.fault.is_of_kaleyra_only())
            && rule.to.as_deref().is_none_or(&is_recipient)
    })
}

/// The error in the place of this page of a list of templates, of the first rule that strikes it.
///
/// `is_listed` tells whether the templates of a rule's business number are among those listed.
pub(crate) fn take_list_fault(
    rules: &mut Vec<FaultRule>,
    page: u32,
    is_listed: impl Fn(&str) -> bool,
) -> Option<u32> {
    let fault = take_matching(rules, |rule| {
        matches!(rule.fault, Fault::TemplateList { page: due, .. } if due == page)
            && rule.phone_number_id.as_deref().is_none_or(&is_listed)
    });
    match fault {
        Some(Fault::TemplateList { code, .. }) => Some(code),
        _ => None,
    }
}

/// The fault of the first rule that fits and has let enough calls pass.
fn take_matching(rules: &mut Vec<FaultRule>, fits: impl Fn(&FaultRule) -> bool) -> Option<Fault> {
    let mut fault = None;
    for rule in rules.iter_mut().filter(|rule| rule.times > 0 && fits(rule)) {
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        rule.times -= 1;
        fault = Some(rule.fault.clone());
        break;
    }
    rules.retain(|rule| rule.times > 0);
    fault
}

#[cfg(test)]
mod tests {
    use super::{take_call_fault, take_list_fault};
    use crate::{Fault, FaultRule};

    #[test]
    fn a_rule_skips_then_strikes_then_is_gone() {
        let mut rules = vec![FaultRule::new(Fault::NoId).skip(1).times(2)];
        let mut call = || take_call_fault(&mut rules, "1", false, |_| true).is_some();
        assert_eq!([call(), call(), call(), call()], [false, true, true, false]);
        assert!(rules.is_empty());
    }

    #[test]
    fn a_rule_strikes_only_its_recipient_and_number() {
        let rule = FaultRule::new(Fault::NoId).to("52555").from_number("1");
        let mut rules = vec![rule];
        assert_eq!(take_call_fault(&mut rules, "2", false, |to| to == "52555"), None);
        assert_eq!(take_call_fault(&mut rules, "1", false, |_| false), None);
        assert_eq!(take_call_fault(&mut rules, "1", false, |to| to == "52555"), Some(Fault::NoId));
    }

    #[test]
    fn what_only_kaleyra_does_wrong_is_not_used_up_by_a_number_of_metas() {
        let fault = Fault::Kaleyra { code: "E110".to_owned(), http_status: None };
        let mut rules = vec![FaultRule::new(fault.clone())];
        assert_eq!(take_call_fault(&mut rules, "1", false, |_| true), None);
        assert_eq!(take_call_fault(&mut rules, "2", true, |_| true), Some(fault));
        assert!(rules.is_empty());
    }

    #[test]
    fn a_fault_of_a_list_strikes_its_page_and_no_send() {
        let rule = FaultRule::new(Fault::TemplateList { page: 1, code: 4 }).from_number("1");
        let mut rules = vec![rule];
        assert_eq!(take_call_fault(&mut rules, "1", false, |_| true), None);
        assert_eq!(take_list_fault(&mut rules, 0, |_| true), None);
        assert_eq!(take_list_fault(&mut rules, 1, |id| id == "2"), None);
        assert_eq!(take_list_fault(&mut rules, 1, |id| id == "1"), Some(4));
        assert!(rules.is_empty());
    }
}
