//! The keys of objects, in one place. Every key of a tenant begins with `T/<tenant>/`; tenant ids cannot
//! contain `/`, so that is no prefix of another tenant's keys. File names that outsiders choose are no part
//! of a key.

use ventanilla_core::domain::file::FileAddress;

/// The object key of a file.
pub(super) fn of(file: &FileAddress) -> String {
    format!("T/{}/{:016}", file.tenant, file.id.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_what_they_were() {
        let file = FileAddress { tenant: "acme".parse().unwrap(), id: "7".parse().unwrap() };
        assert_eq!(of(&file), "T/acme/0000000000000007");
    }
}
