//! Media types of files, and file name extensions.

use serde::{Deserialize, Serialize};

/// A text is not a media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a type like image/jpeg")]
pub struct MimeError;

/// A media type like `audio/ogg; codecs=opus`, at most 128 visible characters. It is stored as it was given:
/// an upload repeats it word by word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MimeType(String);

impl MimeType {
    /// The type for bytes of unknown content: `application/octet-stream`.
    #[must_use]
    pub fn unknown() -> Self {
        Self("application/octet-stream".to_owned())
    }

    /// Reads a media type.
    ///
    /// # Errors
    /// [`MimeError`], when the text is none.
    pub fn parse(text: &str) -> Result<Self, MimeError> {
        let text = text.trim().to_ascii_lowercase();
        let token = |part: &str| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
            !part.is_empty() && part.bytes().all(letter)
        };
        let essence = text.split(';').next().unwrap_or_default().trim();
        let typed = essence.split_once('/').is_some_and(|(kind, sort)| token(kind) && token(sort));
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if typed && plain && text.len() <= 128 { Ok(Self(text)) } else { Err(MimeError) }
    }

    /// The type as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type without its parameters, like `audio/ogg`, by its registered name: `audio/mp3` becomes
    /// `audio/mpeg`.
    #[must_use]
    pub fn essence(&self) -> &str {
        known_as(self.0.split(';').next().unwrap_or_default().trim())
    }

    /// The same type by its registered name, with its parameters.
    #[must_use]
    pub fn usual(&self) -> Self {
        match self.0.split_once(';') {
            Some((_, parameters)) => Self(format!("{};{parameters}", self.essence())),
            None => Self(self.essence().to_owned()),
        }
    }

    /// How the names of such files end, without the dot; none for types that are not known to us.
    #[must_use]
    pub fn extension(&self) -> Option<&'static str> {
        let essence = self.essence();
        EXTENSIONS.iter().find(|(mime, _)| *mime == essence).map(|(_, extension)| *extension)
    }
}

/// The registered name of a type that has others, too. Files named `.opus` are Ogg files.
fn known_as(said: &str) -> &str {
    match said {
        "audio/mp3" | "audio/x-mp3" | "audio/mpeg3" | "audio/x-mpeg-3" | "audio/x-mpeg" | "audio/mpg" => {
            "audio/mpeg"
        }
        "audio/m4a" | "audio/x-m4a" | "audio/m4b" | "audio/x-m4b" | "audio/x-mp4" | "audio/mp4a-latm" => {
            "audio/mp4"
        }
        "audio/x-aac" | "audio/aacp" | "audio/x-hx-aac-adts" => "audio/aac",
        "audio/opus" | "audio/x-opus" | "audio/x-ogg" | "audio/vorbis" | "application/ogg" => "audio/ogg",
        "audio/x-amr" | "audio/amr-nb" => "audio/amr",
        "audio/wave" | "audio/x-wav" | "audio/vnd.wave" | "audio/x-pn-wav" => "audio/wav",
        "audio/x-flac" => "audio/flac",
        "image/jpg" | "image/pjpeg" | "image/x-jpeg" => "image/jpeg",
        "image/x-png" => "image/png",
        "image/x-webp" => "image/webp",
        "video/m4v" | "video/x-m4v" | "video/x-mp4" => "video/mp4",
        "video/3gp" | "video/x-3gpp" => "video/3gpp",
        "video/mov" | "video/x-quicktime" => "video/quicktime",
        "application/x-pdf" | "text/pdf" => "application/pdf",
        "application/x-zip" | "application/x-zip-compressed" => "application/zip",
        "text/x-vcard" | "text/directory" => "text/vcard",
        "application/csv" | "text/x-csv" => "text/csv",
        other => other,
    }
}

/// File name extensions by registered type.
const EXTENSIONS: [(&str, &str); 44] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
    ("image/heic", "heic"),
    ("image/tiff", "tiff"),
    ("image/bmp", "bmp"),
    ("image/svg+xml", "svg"),
    ("video/mp4", "mp4"),
    ("video/3gpp", "3gp"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("video/x-matroska", "mkv"),
    ("video/x-msvideo", "avi"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
    ("audio/ogg", "ogg"),
    ("audio/wav", "wav"),
    ("audio/flac", "flac"),
    ("audio/webm", "weba"),
    ("application/pdf", "pdf"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/rtf", "rtf"),
    ("application/json", "json"),
    ("application/xml", "xml"),
    ("application/zip", "zip"),
    ("application/vnd.rar", "rar"),
    ("application/x-7z-compressed", "7z"),
    ("application/gzip", "gz"),
    ("application/epub+zip", "epub"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/vcard", "vcf"),
    ("text/calendar", "ics"),
];

impl TryFrom<String> for MimeType {
    type Error = MimeError;

    fn try_from(text: String) -> Result<Self, MimeError> {
        Self::parse(&text)
    }
}

impl From<MimeType> for String {
    fn from(mime: MimeType) -> String {
        mime.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_many_names_is_one() {
        for (said, essence, extension) in [
            ("audio/mp3", "audio/mpeg", "mp3"),
            ("audio/x-m4a", "audio/mp4", "m4a"),
            ("audio/opus", "audio/ogg", "ogg"),
            ("audio/ogg; codecs=opus", "audio/ogg", "ogg"),
            ("image/jpg", "image/jpeg", "jpg"),
            ("video/x-m4v", "video/mp4", "mp4"),
            ("video/quicktime", "video/quicktime", "mov"),
            ("application/x-pdf", "application/pdf", "pdf"),
        ] {
            let mime = MimeType::parse(said).unwrap();
            assert_eq!((mime.essence(), mime.extension(), mime.as_str()), (essence, Some(extension), said));
            assert_eq!(mime.usual().essence(), essence);
        }
        let spoken = MimeType::parse("audio/opus; codecs=opus").unwrap();
        assert_eq!(spoken.usual().as_str(), "audio/ogg; codecs=opus");
        assert_eq!(MimeType::unknown().extension(), None);
        for (known, _) in EXTENSIONS {
            assert_eq!(known_as(known), known);
        }
    }

    #[test]
    fn a_type_is_read_with_its_parameters() {
        let opus = MimeType::parse("audio/OGG; codecs=opus").unwrap();
        assert_eq!((opus.as_str(), opus.essence()), ("audio/ogg; codecs=opus", "audio/ogg"));
        for bad in
            ["", "image", "/png", "image/", "image/p ng", "a/b\r\nx: y", &format!("a/{}", "b".repeat(128))]
        {
            assert_eq!(MimeType::parse(bad), Err(MimeError), "{bad}");
        }
    }
}
