//! Matching of words and phrases in customers' texts, regardless of case and accents.

/// Whether a text is exactly one of these words or phrases, regardless of case, accents, and punctuation
/// around it.
#[must_use]
pub fn is_one_of(text: &str, words: &[String]) -> bool {
    let bare = |text: &str| {
        let folded = folded(text);
        let within = folded.trim_matches(|it: char| !it.is_alphanumeric());
        within.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = bare(text);
    !said.is_empty() && words.iter().any(|word| bare(word) == said)
}

/// Whether a text contains one of these phrases, as whole words in their order: `operador` is not in
/// `cooperadores`. Case, accents, spacing and punctuation make no difference; a phrase without any word
/// never matches.
#[must_use]
pub fn holds_one_of(text: &str, phrases: &[String]) -> bool {
    let said = words(text);
    phrases
        .iter()
        .map(|phrase| words(phrase))
        .any(|phrase| !phrase.is_empty() && said.windows(phrase.len()).any(|part| part == phrase.as_slice()))
}

/// Whether a text, or a word in it, begins with `beginning`, regardless of case and accents. An empty
/// beginning never matches.
#[must_use]
pub fn begins_like(text: &str, beginning: &str) -> bool {
    let (text, beginning) = (folded(text), folded(beginning.trim()));
    let at_a_word =
        |at: usize| !text.get(..at).and_then(|it| it.chars().next_back()).is_some_and(char::is_alphanumeric);
    !beginning.is_empty() && text.match_indices(&beginning).any(|(at, _)| at_a_word(at))
}

/// Whether a text contains a word at all.
#[must_use]
pub fn has_words(text: &str) -> bool {
    !words(text).is_empty()
}

/// The words of a text. Where a script puts no spaces between words, each character counts as one; so does
/// each symbol that is no punctuation, like an emoji.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for it in folded(text).chars() {
        if it.is_alphanumeric() && !is_unspaced(it) {
            word.push(it);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if is_unspaced(it) || !(it.is_whitespace() || it.is_control() || is_punctuation(it)) {
            words.push(it.to_string());
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// A text in lower case without accents. A letter of a language's own becomes what people type without it:
/// `ñ` is `n`, `ß` is `ss`.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for it in text.chars().flat_map(char::to_lowercase).filter(|it| !is_mark(*it)) {
        match it {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => folded.push('c'),
            'ď' | 'đ' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => folded.push('e'),
            'ğ' | 'ĝ' | 'ġ' | 'ģ' => folded.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => folded.push('i'),
            'ĺ' | 'ļ' | 'ľ' | 'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => folded.push('o'),
            'ŕ' | 'ŗ' | 'ř' => folded.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => folded.push('s'),
            'ţ' | 'ť' | 'ț' => folded.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => folded.push('u'),
            'ý' | 'ÿ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            other => folded.push(other),
        }
    }
    folded
}

/// Characters that change the one before them: combining accents, joiners, variation selectors.
fn is_mark(it: char) -> bool {
    matches!(it, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Letters of scripts that are written without spaces: Thai to Khmer, Chinese, Japanese.
fn is_unspaced(it: char) -> bool {
    matches!(it, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
        || matches!(it, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
        || matches!(it, '\u{20000}'..='\u{323af}')
}

fn is_punctuation(it: char) -> bool {
    it.is_ascii()
        || matches!(it, '\u{a0}'..='\u{bf}' | '×' | '÷' | '\u{2010}'..='\u{205e}')
        || matches!(it, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_name_is_found_by_how_it_or_a_word_in_it_begins() {
        for (text, beginning) in [
            ("Ana Ruiz", "an"),
            ("Ana Ruiz", "RUI"),
            ("Ana Ruiz", " ana r"),
            ("José Muñoz", "jose mun"),
            ("Jose\u{301} Munoz", "José"),
            ("Pérez-Gómez", "gom"),
            ("李雷", "李"),
        ] {
            assert!(begins_like(text, beginning), "{text}: {beginning}");
        }
        for (text, beginning) in [("Ana Ruiz", "na"), ("Ana", ""), ("Ana", " "), ("", "a"), ("Ana", "Ana R")]
        {
            assert!(!begins_like(text, beginning), "{text}: {beginning}");
        }
    }

    #[test]
    fn a_word_is_the_whole_message() {
        let words = all(&["stop", "BAJA", "arrêter", "dar de baja"]);
        for said in [
            "stop",
            " STOP! ",
            "¡Baja!",
            "«stop»",
            "Arreter.",
            "ARRÊTER",
            "arre\u{302}ter",
            "Dar  de\nbaja",
            "stop 🛑",
        ] {
            assert!(is_one_of(said, &words), "{said}");
        }
        for said in ["", "…", "don't stop", "stop it", "bajar", "de baja"] {
            assert!(!is_one_of(said, &words), "{said}");
        }
        assert!(!is_one_of("stop", &[]) && !is_one_of("!", &all(&["?"])));
    }

    #[test]
    fn a_phrase_is_found_as_whole_words() {
        let phrases = all(&["Hablar con  humano", "operador", "atención", "人工", "🆘"]);
        for said in [
            "quiero HABLAR\ncon humano, por favor",
            "operador",
            "¿Operador?",
            "un operador😀",
            "necesito atencion ya",
            "necesito ATENCIO\u{301}N ya",
            "我要人工客服",
            "🆘!",
        ] {
            assert!(holds_one_of(said, &phrases), "{said}");
        }
        for said in
            ["", "los cooperadores", "¿Operadora?", "operador1", "hablar con un humano", "opera dor", "工人"]
        {
            assert!(!holds_one_of(said, &phrases), "{said}");
        }
        assert!(!holds_one_of("x", &all(&[" ", "", "…"])));
        assert!(has_words("a") && !has_words(" … "));
    }
}
