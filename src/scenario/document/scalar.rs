//! What a plain YAML scalar is, by the core schema of YAML 1.2 (yaml.org/spec/1.2.2, section 10.3.2).
//!
//! So `yes`, `on` and `14:00` are text. Numbers keep their text; those that are no decimal numbers
//! (`0x1f`, `0o17`, `.inf`, `.nan`) become text too, which every numeric key then refuses by name.

use super::Value;

/// The value of a scalar without quotes.
pub fn resolve_plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_decimal_number(text) => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal_number(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_holds = match mantissa.split_once('.') {
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty()),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_holds = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    mantissa_holds && exponent_holds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["0", "-1", "+12", "1.5", ".5", "5.", "1e3", "-1.5E+2"] {
            assert_eq!(resolve_plain(text), Value::Number(text.into()), "{text}");
        }
        for text in ["yes", "14:00", "1_000", "90s", "0x1f", ".", "-", "e3", "1e", ".inf", "2026-03-02T00:00:00Z", "99.9%"] {
            assert_eq!(resolve_plain(text), Value::String(text.into()), "{text}");
        }
        assert_eq!(resolve_plain("~"), Value::Null);
        assert_eq!(resolve_plain("True"), Value::Bool(true));
    }
}
