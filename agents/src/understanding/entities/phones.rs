//! Telephone numbers in the form of E.164, by the plans of the countries of the desk (ITU national numbering plans; the
//! mobile lengths are those of OPERATIONS §1.4).

/// Country, calling code, and lengths of national numbers.
const PLANS: &[(&str, &str, &[usize])] = &[
    ("AR", "54", &[10]),
    ("BO", "591", &[8]),
    ("BR", "55", &[10, 11]),
    ("CL", "56", &[9]),
    ("CO", "57", &[10]),
    ("CR", "506", &[8]),
    ("DO", "1", &[10]),
    ("EC", "593", &[8, 9]),
    ("ES", "34", &[9]),
    ("GT", "502", &[8]),
    ("MX", "52", &[10]),
    ("PA", "507", &[7, 8]),
    ("PE", "51", &[8, 9]),
    ("PT", "351", &[9]),
    ("PY", "595", &[9]),
    ("US", "1", &[10]),
    ("UY", "598", &[8]),
    ("VE", "58", &[10]),
];

/// The number in E.164; `None` when country and length do not fit.
pub fn e164(written: &str, country: &str) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let international = written.trim_start_matches('(').starts_with('+') || digits.starts_with("00");
    if international {
        let digits = digits.trim_start_matches('0');
        // Argentina and Mexico once had a mobile digit after the calling code; Argentina still has.
        return (8..=15).contains(&digits.len()).then(|| format!("+{digits}"));
    }
    let (_, code, lengths) = PLANS.iter().find(|(name, _, _)| *name == country)?;
    let national = digits.strip_prefix('0').filter(|rest| lengths.contains(&rest.len())).unwrap_or(&digits);
    if lengths.contains(&national.len()) {
        return Some(format!("+{code}{national}"));
    }
    let rest = digits.strip_prefix(code)?;
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    let mobile = matches!((*code, rest.len()), ("52" | "54", 11));
    (lengths.contains(&rest.len()) || mobile).then(|| format!("+{code}{rest}"))
}

/// The number as written, without blanks and signs but the first `+`.
pub fn spelt(written: &str) -> String {
    written.chars().filter(|sign| sign.is_ascii_digit() || *sign == '+').collect()
}
