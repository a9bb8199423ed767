//! Which scripted fault is due for a call.

use crate::{Fault, FaultRule};

/// The fault of the first rule that strikes, which is used up by it.
///
/// `by_kaleyra` tells who carries the number: what only Kaleyra does wrong passes Meta's numbers by,
/// as if the rule named another number. `is_recipient` tells whether a rule's `to` names the
/// recipient of this call.
pub(crate) fn strike(
    rules: &mut Vec<FaultRule>,
    phone_number_id: &str,
    by_kaleyra: bool,
    is_recipient: impl Fn(&str) -> bool,
) -> Option<Fault> {
    let matches = |rule: &FaultRule| {
        rule.phone_number_id.as_deref().is_none_or(|id| id == phone_number_id)
            && (by_kaleyra || !rule.fault.is_of_kaleyra_only())
            && rule.to.as_deref().is_none_or(&is_recipient)
    };
    let mut struck = None;
    for rule in rules.iter_mut().filter(|rule| rule.times > 0 && matches(rule)) {
        if rule.skip > 0 {
            rule.skip -= 1;
            continue;
        }
        rule.times -= 1;
        struck = Some(rule.fault.clone());
        break;
    }
    rules.retain(|rule| rule.times > 0);
    struck
}

#[cfg(test)]
mod tests {
    use super::strike;
    use crate::{Fault, FaultRule};

    #[test]
    fn a_rule_skips_then_strikes_then_is_gone() {
        let mut rules = vec![FaultRule::new(Fault::NoId).skip(1).times(2)];
        let mut call = || strike(&mut rules, "1", false, |_| true).is_some();
        assert_eq!([call(), call(), call(), call()], [false, true, true, false]);
        assert!(rules.is_empty());
    }

    #[test]
    fn a_rule_strikes_only_its_recipient_and_number() {
        let rule = FaultRule::new(Fault::NoId).to("52555").from_number("1");
        let mut rules = vec![rule];
        assert_eq!(strike(&mut rules, "2", false, |to| to == "52555"), None);
        assert_eq!(strike(&mut rules, "1", false, |_| false), None);
        assert_eq!(strike(&mut rules, "1", false, |to| to == "52555"), Some(Fault::NoId));
    }

    #[test]
    fn what_only_kaleyra_does_wrong_is_not_used_up_by_a_number_of_metas() {
        let fault = Fault::Kaleyra { code: "E110".to_owned(), http_status: None };
        let mut rules = vec![FaultRule::new(fault.clone())];
        assert_eq!(strike(&mut rules, "1", false, |_| true), None);
        assert_eq!(strike(&mut rules, "2", true, |_| true), Some(fault));
        assert!(rules.is_empty());
    }
}
