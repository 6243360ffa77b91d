//! The words of an expression.

use super::parse::Problem;

/// A word, a number or a sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lexeme {
    /// A name of a metric or expression: it starts with a lower-case letter.
    Id(String),
    /// A function or a keyword.
    Word(String),
    /// A number.
    Number(f64),
    /// Text in double quotes.
    Text(String),
    /// An operator, a bracket or a comma.
    Sign(&'static str),
}

impl Lexeme {
    /// How a message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Id(name) | Self::Word(name) => format!("`{name}`"),
            Self::Number(number) => format!("the number {number}"),
            Self::Text(text) => format!("the text \"{text}\""),
            Self::Sign(sign) => format!("`{sign}`"),
        }
    }
}

/// A lexeme and its first character, counted from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) lexeme: Lexeme,
    pub(super) column: usize,
}

/// Longer signs stand before those that they begin with.
const SIGNS: [&str; 18] = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ","];

/// Takes an expression apart.
pub(super) fn tokens(expression: &str) -> Result<Vec<Token>, Problem> {
    let letters: Vec<char> = expression.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        if letter.is_whitespace() {
            at += 1;
            continue;
        }
        let (lexeme, length) = lexeme(&letters[at..]).map_err(|problem| problem.at(at + 1))?;
        tokens.push(Token { lexeme, column: at + 1 });
        at += length;
    }
    Ok(tokens)
}

/// The lexeme at the front of what is left, and its length.
fn lexeme(rest: &[char]) -> Result<(Lexeme, usize), Problem> {
    let first = rest[0];
    if first.is_ascii_alphabetic() || first == '_' {
        let name: String = rest.iter().take_while(|letter| is_of_a_name(**letter)).collect();
        let length = name.len();
        return Ok((if first.is_ascii_lowercase() { Lexeme::Id(name) } else { Lexeme::Word(name) }, length));
    }
    if first.is_ascii_digit() || first == '.' {
        return number(rest);
    }
    if matches!(first, '"' | '\u{201c}' | '\u{201d}') {
        return text(rest);
    }
    let starts_with = |sign: &str| sign.chars().eq(rest.iter().copied().take(sign.len()));
    if let Some(sign) = SIGNS.into_iter().find(|sign| starts_with(sign)) {
        return Ok((Lexeme::Sign(sign), sign.len()));
    }
    let problem = Problem::new(format!("`{first}` has no meaning in metric math"));
    Err(match first {
        '=' => problem.remedy("equality is =="),
        '!' => problem.remedy("there is no negation: compare with == 0"),
        '&' => problem.remedy("write && or AND"),
        '|' => problem.remedy("write || or OR"),
        '%' => problem.remedy("there is no remainder; a percentage is a division by 100"),
        '\'' => problem.remedy("text stands in double quotes"),
        _ => problem,
    })
}

const fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Digits, a fraction, an exponent.
fn number(rest: &[char]) -> Result<(Lexeme, usize), Problem> {
    let digits_from = |start: usize| rest.iter().skip(start).take_while(|letter| letter.is_ascii_digit()).count();
    let mut length = digits_from(0);
    if rest.get(length) == Some(&'.') {
        length += 1 + digits_from(length + 1);
    }
    if matches!(rest.get(length), Some('e' | 'E')) {
        let sign = usize::from(matches!(rest.get(length + 1), Some('+' | '-')));
        length += 1 + sign + digits_from(length + 1 + sign);
    }
    // What is glued to a number belongs to the misspelt number.
    length += rest.iter().skip(length).take_while(|letter| is_of_a_name(**letter) || **letter == '.').count();
    let written: String = rest.iter().take(length).collect();
    match written.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((Lexeme::Number(value), length)),
        _ => Err(Problem::new(format!("`{written}` is no number"))),
    }
}

/// Text up to the closing quote; AWS's own pages also use curly ones.
fn text(rest: &[char]) -> Result<(Lexeme, usize), Problem> {
    let inside: String = rest[1..].iter().take_while(|letter| !matches!(letter, '"' | '\u{201c}' | '\u{201d}')).collect();
    let length = inside.chars().count() + 2;
    if length > rest.len() {
        return Err(Problem::new("the text has no closing quote"));
    }
    Ok((Lexeme::Text(inside), length))
}

/// Each token with the one after it.
pub(super) fn with_next(tokens: &[Token]) -> impl Iterator<Item = (&Token, Option<&Token>)> {
    let next = tokens.iter().skip(1).map(Some).chain([None]);
    tokens.iter().zip(next)
}
