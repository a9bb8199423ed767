//! References of files in contracts: `media_1234`, which is neither Base64 nor a URL, so that a field for
//! all three is unambiguous.

use std::fmt;

use super::{
    Failure, InputError, Unavailable,
    ids::{Prefixed, read_id},
};
use ventanilla_core::{
    domain::{content::MediaError, id::FileId},
    ports::files::DownloadError,
    usecases::files::FileProblem,
};

/// The path at which a file can be downloaded. `named` is its id or its reference.
#[must_use]
pub fn download_path(named: impl fmt::Display) -> String {
    format!("/v1/media/download/{named}")
}

/// Whether a text is exactly a reference.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    text.starts_with(FileId::PREFIX) && read_id::<FileId>(text).is_ok()
}

/// The fields in which a request names a file and its caption.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// The field of the file.
    pub file: &'static str,
    /// The field of the caption; that of the file where either may contain it.
    pub text: &'static str,
}

impl From<&'static str> for Places {
    fn from(file: &'static str) -> Self {
        Self { file, text: file }
    }
}

impl Places {
    /// The fault of the caption rather than of the file, where the caption has a field of its own.
    fn wrong_text(self, problem: &FileProblem) -> Option<InputError> {
        let FileProblem::Media(problem) = problem else { return None };
        let wrong = match problem {
            MediaError::CaptionMisplaced => "is not possible with audio and stickers; send it by itself",
            MediaError::CaptionTooLong => "must not be longer than 1024 characters below a file",
            _ => return None,
        };
        (self.text != self.file).then(|| InputError::field(self.text, wrong))
    }
}

/// The failure of a request whose file, named in these fields, has this problem.
#[must_use]
pub fn failure(places: impl Into<Places>, problem: FileProblem) -> Failure {
    let places = places.into();
    if let Some(wrong) = places.wrong_text(&problem) {
        return wrong.into();
    }
    let field = places.file;
    match problem {
        FileProblem::Store(error) => error.into(),
        FileProblem::Files(error) => Unavailable::Files(error).into(),
        FileProblem::KeyReused => Failure::KeyReused,
        FileProblem::Source(DownloadError::Unavailable(_)) => {
            Failure::OutOfReach(InputError::field(field, problem))
        }
        other => InputError::field(field, other).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ventanilla_core::ports::files::FileStoreError;

    #[test]
    fn the_failure_of_a_file_depends_on_who_failed() {
        let source = |error: DownloadError| failure("media", FileProblem::Source(error));
        let down = source(DownloadError::Unavailable("no answer in time".to_owned()));
        assert!(matches!(down, Failure::OutOfReach(place) if place.place() == "media"));
        for theirs in [DownloadError::Refused("HTTP 404".to_owned()), DownloadError::Forbidden("no")] {
            assert!(matches!(source(theirs), Failure::Input(_)));
        }
        let ours = failure("media", FileProblem::Files(FileStoreError("HTTP 503".to_owned())));
        assert!(matches!(ours, Failure::Unavailable(Unavailable::Files(_))));
        assert!(matches!(failure("media", FileProblem::KeyReused), Failure::KeyReused));
    }

    #[test]
    fn a_reference_has_its_prefix_and_is_nothing_else() {
        assert!(is_reference("media_9007199254740991"));
        for other in
            ["", "media_", "media_0", "media_media_1", "9007199254740991", "https://a.example", "QUJD"]
        {
            assert!(!is_reference(other), "{other}");
        }
    }
}
