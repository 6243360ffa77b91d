//! The command as it was given, for reports that say how they were made.

/// The command line in the words of a POSIX shell, so that it can be pasted: the program by its name alone, arguments quoted where they
/// must be. Bytes that are no UTF-8 are shown as such.
pub fn as_typed() -> String {
    let arguments = std::env::args_os().skip(1);
    let words: Vec<String> = std::iter::once("ecsim".to_owned()).chain(arguments.map(|word| word.to_string_lossy().into_owned())).collect();
    quoted(&words)
}

fn quoted(words: &[String]) -> String {
    let joined = shlex::try_join(words.iter().map(String::as_str));
    // Only a zero byte has no quoted form, and no system hands one over.
    joined.unwrap_or_else(|_| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_reads_the_same_words_again() {
        let words = ["ecsim", "run", "my shop.yaml", "--set", "services.web.traffic={constant: 5}", "it's", "$HOME", ""].map(String::from);
        let line = quoted(&words);
        assert!(line.starts_with("ecsim run 'my shop.yaml' --set "), "{line}");
        assert_eq!(shlex::split(&line), Some(words.to_vec()));
    }
}
