//! Postal operators by the country at the end of an S10 number.

/// Operators that people here meet, by ISO 3166 country.
const POSTS: &[(&str, &str)] = &[
    ("AR", "correo_argentino"),
    ("BO", "correos_bolivia"),
    ("BR", "correios"),
    ("CA", "canada_post"),
    ("CL", "correos_chile"),
    ("CN", "china_post"),
    ("CO", "472"),
    ("CR", "correos_costa_rica"),
    ("DE", "deutsche_post"),
    ("EC", "correos_ecuador"),
    ("ES", "correos"),
    ("FR", "la_poste"),
    ("GB", "royal_mail"),
    ("GT", "correos_guatemala"),
    ("HK", "hongkong_post"),
    ("JP", "japan_post"),
    ("MX", "correos_mexico"),
    ("NL", "postnl"),
    ("PE", "serpost"),
    ("PT", "ctt"),
    ("PY", "correo_paraguayo"),
    ("SG", "singapore_post"),
    ("US", "usps"),
    ("UY", "correo_uruguayo"),
    ("VE", "ipostel"),
];

/// Every other country and territory that may end an S10 number (ISO 3166-1), two letters each.
const OTHER_COUNTRIES: &str = "ADAEAFAGAIALAMAOAQASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBQBSBTBVBWBYBZCCCDCFCGCHCICKCMCU\
                               CVCWCXCYCZDJDKDMDODZEEEGEHERETFIFJFKFMFOGAGDGEGFGGGHGIGLGMGNGPGQGRGSGUGWGYHMHNHRHTHUID\
                               IEILIMINIOIQIRISITJEJMJOKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKML\
                               MMMNMOMPMQMRMSMTMUMVMWMYMZNANCNENFNGNINONPNRNUNZOMPAPFPGPHPKPLPMPNPRPSPWQARERORSRURWSA\
                               SBSCSDSESHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUZVAVCVGVI\
                               VNVUWFWSYEYTZAZMZW";

/// The operator of a country; `postal` for those without a name here, `None` when there is no such country.
pub(super) fn post_of(country: &str) -> Option<&'static str> {
    if let Ok(place) = POSTS.binary_search_by(|(code, _)| (*code).cmp(country)) {
        return Some(POSTS[place].1);
    }
    let known = OTHER_COUNTRIES.as_bytes().chunks(2).any(|code| code == country.as_bytes());
    known.then_some("postal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_known_once() {
        assert!(POSTS.is_sorted());
        assert_eq!(POSTS.len() + OTHER_COUNTRIES.len() / 2, 249);
        assert!(POSTS.iter().all(|(code, _)| !OTHER_COUNTRIES.as_bytes().chunks(2).any(|one| one == code.as_bytes())));
        assert_eq!((post_of("CO"), post_of("CV"), post_of("XX")), (Some("472"), Some("postal"), None));
    }
}
