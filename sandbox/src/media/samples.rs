//! Files that programs can open: a small sample of each format, made unique by an id.
//!
//! `samples/make.py` writes them, byte by byte from the formats' specifications: pictures of one colour, and silence.

/// The samples by MIME type.
const SAMPLES: [(&str, &[u8]); 7] = [
    ("image/png", include_bytes!("samples/image.png")),
    ("image/jpeg", include_bytes!("samples/image.jpg")),
    ("image/webp", include_bytes!("samples/sticker.webp")),
    ("audio/ogg", include_bytes!("samples/voice.ogg")),
    ("audio/opus", include_bytes!("samples/voice.ogg")),
    ("audio/mpeg", include_bytes!("samples/audio.mp3")),
    ("audio/aac", include_bytes!("samples/audio.aac")),
];

/// The header of an ID3 tag and of its one frame, in bytes.
const TAG_HEADERS: usize = 20;

/// A file of this type, different for every id, of `size` bytes if it fits in. `None` for other types.
pub(super) fn sample(mime_type: &str, id: &str, size: Option<usize>) -> Option<Vec<u8>> {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    let (_, bytes) = SAMPLES.iter().find(|(known, _)| known.eq_ignore_ascii_case(essence))?;
    // Decoders skip what follows the end of a picture or of an Ogg stream, and a tag in front of audio frames.
    let is_tagged = ["audio/mpeg", "audio/aac"].contains(&essence.to_ascii_lowercase().as_str());
    let own = if is_tagged { id.len() + 1 + TAG_HEADERS } else { id.len() };
    let padding = size.map_or(Some(0), |size| size.checked_sub(bytes.len() + own))?;
    Some(if is_tagged {
        [tag(id, padding).as_slice(), bytes].concat()
    } else {
        [bytes, id.as_bytes(), vec![b'.'; padding].as_slice()].concat()
    })
}

/// An ID3v2.3 tag with the id as the title, and padding.
fn tag(id: &str, padding: usize) -> Vec<u8> {
    let title = id.len() + 1;
    let length = title + 10 + padding;
    let mut tag = b"ID3\x03\0\0".to_vec();
    // Seven bits in each byte.
    tag.extend([21, 14, 7, 0].map(|shift| u8::try_from(length >> shift & 0x7f).unwrap_or_default()));
    tag.extend(b"TIT2");
    tag.extend(u32::try_from(title).unwrap_or_default().to_be_bytes());
    tag.extend([0, 0, 0]);
    tag.extend(id.as_bytes());
    tag.resize(tag.len() + padding, 0);
    tag
}

#[cfg(test)]
mod tests {
    use super::{SAMPLES, sample};

    fn find(mime_type: &str) -> &'static [u8] {
        SAMPLES.iter().find(|(known, _)| *known == mime_type).map_or(&[], |(_, bytes)| *bytes)
    }

    /// A bitwise CRC of 32 bits; `reflected` as in PNG, else as in Ogg.
    fn crc(bytes: impl IntoIterator<Item = u8>, reflected: bool) -> u32 {
        let mut crc = if reflected { u32::MAX } else { 0 };
        for byte in bytes {
            crc ^= if reflected { u32::from(byte) } else { u32::from(byte) << 24 };
            for _ in 0..8 {
                crc = match (reflected, crc & 1, crc >> 31) {
                    (true, 1, _) => crc >> 1 ^ 0xedb8_8320,
                    (true, ..) => crc >> 1,
                    (false, _, 1) => crc << 1 ^ 0x04c1_1db7,
                    (false, ..) => crc << 1,
                };
            }
        }
        if reflected { !crc } else { crc }
    }

    fn number(bytes: &[u8]) -> usize {
        bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    }

    #[test]
    fn the_chunks_of_the_png_are_whole() {
        let mut rest = find("image/png").strip_prefix(b"\x89PNG\r\n\x1a\n").expect("a signature");
        let mut kinds = Vec::new();
        while !rest.is_empty() {
            let length = number(&rest[..4]);
            kinds.push(&rest[4..8]);
            let (chunk, sum) = (&rest[4..8 + length], number(&rest[8 + length..12 + length]));
            assert_eq!(crc(chunk.iter().copied(), true) as usize, sum);
            rest = &rest[12 + length..];
        }
        assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
    }

    #[test]
    fn the_pages_of_the_voice_note_are_whole_opus() {
        let mut rest = find("audio/ogg");
        let mut packets = 0;
        for first in [b"OpusHead".as_slice(), b"OpusTags", b"\xf8\xff\xfe"] {
            assert_eq!(&rest[..4], b"OggS");
            let segments = usize::from(rest[26]);
            let body: usize = rest[27..27 + segments].iter().map(|length| usize::from(*length)).sum();
            let (page, next) = rest.split_at(27 + segments + body);
            let sum = u32::from_le_bytes([page[22], page[23], page[24], page[25]]);
            let blank = page
                .iter()
                .enumerate()
                .map(|(place, byte)| if (22..26).contains(&place) { 0 } else { *byte });
            assert_eq!(crc(blank, false), sum);
            assert!(page[27 + segments..].starts_with(first));
            packets = segments;
            rest = next;
        }
        assert_eq!((packets, rest.len()), (50, 0), "a second of 20 ms each");
    }

    #[test]
    fn the_frames_of_the_audio_follow_each_other() {
        for frame in find("audio/mpeg").chunks(144) {
            assert_eq!((frame.len(), &frame[..2]), (144, [0xff, 0xfb].as_slice()));
        }
        let (mut rest, mut frames) = (find("audio/aac"), 0);
        while !rest.is_empty() {
            assert_eq!(rest[..2], [0xff, 0xf1]);
            let length = (number(&rest[3..6]) >> 5) & 0x1fff;
            rest = &rest[length..];
            frames += 1;
        }
        assert_eq!(frames, 16);
    }

    #[test]
    fn the_jpeg_and_the_webp_have_their_ends() {
        let jpeg = find("image/jpeg");
        assert!(jpeg.starts_with(b"\xff\xd8\xff\xe0") && jpeg.ends_with(b"\xff\xd9"));
        let webp = find("image/webp");
        assert!(webp.starts_with(b"RIFF") && webp[8..].starts_with(b"WEBPVP8L\x0d\0\0\0\x2f"));
        assert_eq!(usize::from(webp[4]) + 8, webp.len());
    }

    #[test]
    fn a_sample_is_unique_and_has_the_size_that_is_asked_for() {
        for (mime_type, _) in SAMPLES {
            let plain = sample(mime_type, "4711", None).expect("a sample");
            assert_ne!(Some(&plain), sample(mime_type, "4712", None).as_ref(), "{mime_type}");
            let large = sample(mime_type, "4711", Some(10_000)).map(|bytes| bytes.len());
            assert_eq!(large, Some(10_000), "{mime_type}");
            assert_eq!(sample(mime_type, "4711", Some(3)), None, "no sample is that small");
        }
        let tagged = sample("audio/mpeg", "4711", Some(5000)).expect("a sample");
        let tag = tagged[6..10].iter().fold(0, |sum, byte| sum << 7 | usize::from(*byte));
        assert!(tagged[10 + tag..].starts_with(&[0xff, 0xfb]), "the frames begin after the tag");
        assert_eq!(sample("audio/ogg; codecs=opus", "1", None).map(|bytes| bytes.len()), Some(326));
        assert_eq!(sample("application/pdf", "1", None), None);
    }
}
