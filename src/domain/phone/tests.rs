use proptest::prelude::*;

use super::*;

fn read(text: &str) -> CallerId {
    CallerId::read(text, "GB")
}

fn wire(text: &str, region: &str) -> String {
    match CallerId::read(text, region) {
        CallerId::Number(phone) => phone.to_string(),
        CallerId::Withheld(reason) => format!("{reason:?}"),
    }
}

fn phone(text: &str) -> Phone {
    text.parse().expect("a wire form")
}

#[test]
fn every_form_of_one_number_is_one_number() {
    for text in [
        "+447700900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "+44(0)7700-900-123",
        "+44 07700 900123",
        "+44 00 7700 900123",
        "+0044 7700 900123",
        "0044 7700 900123",
        "00447700900123",
        "0044 (0) 7700 900 123",
        "447700900123",
        "07700 900123",
        "07700900123",
        "(07700) 900123",
        "07700.900.123",
        "07700/900123",
        "07700\u{A0}900\u{2011}123",
        "\u{202A}+44 7700 900123\u{202C}",
        "０７７００　９００１２３",
        "＋４４７７００９００１２３",
        "٠٧٧٠٠٩٠٠١٢٣",
        "7700900123",
        "+07700900123",
        "tel:+447700900123",
        "TEL:+44-7700-900123",
        "tel:7700900123;phone-context=+44",
        "sip:+447700900123@carrier.example",
        "sip:%2B447700900123@198.51.100.7:5060;user=phone",
        "sips:07700900123@carrier.example",
        "\"Alex\" <sip:+447700900123@carrier.example>;tag=9f2a11",
        "mob: 07700 900123",
        "07700 900123 (mobile)",
        "07700 900123 - ask for Jo",
        "07700 900123 / 020 7946 0958",
        "07700 900123, 020 7946 0958",
        "07700 900123 or 020 7946 0958",
        "07700 900123\n020 7946 0958",
        "2nd line 07700 900123",
        "'07700 900123'",
    ] {
        assert_eq!(wire(text, "GB"), "+447700900123", "{text:?}");
    }
}

#[test]
fn an_extension_is_kept_apart() {
    for text in [
        "020 7946 0958 x12",
        "020 7946 0958x12",
        "020 7946 0958 X 12",
        "020 7946 0958 ext. 12",
        "020 7946 0958 (ext 12)",
        "020 7946 0958, extension: 12",
        "020 7946 0958 extn12 after two",
        "020 7946 0958#12",
        "020 7946 0958,,12",
        "+44 20 7946 0958;ext=12",
        "tel:+44-20-7946-0958;ext=12",
        "tel:020-7946-0958;ext=12;phone-context=+44",
    ] {
        let CallerId::Number(phone) = read(text) else { panic!("{text:?} is a number") };
        assert_eq!(phone.e164(), "+442079460958", "{text:?}");
        assert_eq!(phone.extension(), Some("12"), "{text:?}");
    }
    assert_eq!(wire("020 7946 0958, 2 lines", "GB"), "+442079460958");
    assert_eq!(wire("020 7946 0958 (2 lines)", "GB"), "+442079460958");
}

#[test]
fn numbers_of_other_countries_and_regions_are_read() {
    for (text, region, expected) in [
        ("+33 1 23 45 67 89", "GB", "+33123456789"),
        ("0033 1 23 45 67 89", "GB", "+33123456789"),
        ("01 23 45 67 89", "FR", "+33123456789"),
        ("+39 06 698 12345", "GB", "+390669812345"),
        ("+1 (202) 555-0143", "GB", "+12025550143"),
        ("202-555-0143", "US", "+12025550143"),
        ("011 44 7700 900123", "US", "+447700900123"),
        ("+353 86 123 4567", "GB", "+353861234567"),
        ("07700 900123", "no such country", "+447700900123"),
        ("07700 900123", "XX", "+447700900123"),
        ("07700 900123", "gb", "+447700900123"),
        ("0800 1111", "GB", "+448001111"),
        ("0800 REVERSE", "GB", "+448007383773"),
        ("01632 960001", "GB", "+441632960001"),
        ("07378 742833", "GB", "+447378742833"),
        ("+447378742833", "GB", "+447378742833"),
    ] {
        assert_eq!(wire(text, region), expected, "{text:?} in {region}");
    }
}

#[test]
fn nobody_is_nobody_and_the_reason_is_kept() {
    use WithheldReason::*;
    for (text, reason) in [
        ("", Empty),
        (" \t\u{A0}\0", Empty),
        ("anonymous", Anonymous),
        ("Restricted", Anonymous),
        ("UNAVAILABLE", Anonymous),
        ("Unknown caller", Anonymous),
        ("private number", Anonymous),
        ("Withheld", Anonymous),
        ("blocked", Anonymous),
        ("No Caller ID", Anonymous),
        ("sip:anonymous@anonymous.invalid", Anonymous),
        ("\"Anonymous\" <sip:anonymous@198.51.100.7>;tag=1", Anonymous),
        ("+266696687", CarrierSubstitute),
        ("+7378742833", CarrierSubstitute),
        ("+2562533", CarrierSubstitute),
        ("+8656696", CarrierSubstitute),
        ("+86282452253", CarrierSubstitute),
        ("266696687", CarrierSubstitute),
        ("7378742833", CarrierSubstitute),
        ("2562533", CarrierSubstitute),
        ("8656696", CarrierSubstitute),
        ("86282452253", CarrierSubstitute),
        ("00266696687", CarrierSubstitute),
        ("008656696", CarrierSubstitute),
        ("tel:+266696687", CarrierSubstitute),
        ("sip:+266696687@carrier.example", CarrierSubstitute),
        ("12", TooShort),
        ("7946 0958", TooShort),
        ("123", NotAPhone),
        ("999", NotAPhone),
        ("+44999", NotAPhone),
        ("1471", NotAPhone),
        ("60000", NotAPhone),
        ("118118", NotAPhone),
        ("+999 123 456 789", NotAPhone),
        ("0000000000", NotAPhone),
        ("sip:1234@198.51.100.7", NotAPhone),
        ("077009001234", TooLong),
        ("1234567890123456789012345678901234567890", TooLong),
        ("ask reception", NoDigits),
        ("sip:reception@carrier.example", NoDigits),
        ("sip:192.0.2.7", NoDigits),
        ("bob07700900123@example.com", NoDigits),
        ("--", NoDigits),
    ] {
        assert_eq!(read(text), CallerId::Withheld(reason), "{text:?}");
    }
}

#[test]
fn numbers_are_shown_as_people_write_them() {
    for (number, region, shown) in [
        ("+447700900123", "GB", "07700 900123"),
        ("+442079460958", "GB", "020 7946 0958"),
        ("+441632960001", "GB", "01632 960001"),
        ("+447700900123", "FR", "+44 7700 900123"),
        ("+33123456789", "GB", "+33 1 23 45 67 89"),
        ("+33123456789", "FR", "01 23 45 67 89"),
        ("+442079460958;ext=12", "GB", "020 7946 0958 ext 12"),
        ("+442079460958;ext=12", "US", "+44 20 7946 0958 ext 12"),
        ("+447700900123", "nowhere", "+44 7700 900123"),
        ("+99912345678", "GB", "+99912345678"),
    ] {
        assert_eq!(phone(number).national_display(region), shown);
    }
    assert_eq!(phone("+442079460958;ext=12").tel_uri(), "tel:+442079460958;ext=12");
}

#[test]
fn the_country_is_known_even_of_unassigned_numbers() {
    for (number, region) in [
        ("+442079460958", Some("GB")),
        ("+447700900123", Some("GB")),
        ("+447797712345", Some("JE")),
        ("+33123456789", Some("FR")),
        ("+12025550143", Some("US")),
        ("+881612345678", Some("001")),
        ("+99912345678", None),
    ] {
        assert_eq!(phone(number).region().as_deref(), region, "{number}");
    }
}

#[test]
fn the_kind_warns_of_dear_numbers_even_of_unassigned_ones() {
    use PhoneKind::*;
    for (number, kind) in [
        ("+447400123456", Mobile),
        ("+447700900123", Mobile),
        ("+442079460958", Landline),
        ("+441632960001", Landline),
        ("+448081570123", TollFree),
        ("+449098790000", PremiumRate),
        ("+449012345678", PremiumRate),
        ("+447012345678", Personal),
        ("+443069990001", Uan),
        ("+445612345678", Voip),
        ("+447640123456", Pager),
        ("+447624999999", Mobile),
        ("+33123456789", Landline),
        ("+12025550143", FixedOrMobile),
        ("+99912345678", Unknown),
    ] {
        assert_eq!(phone(number).kind(), kind, "{number}");
    }
    for dear in ["+448451234567", "+448712345678", "+448430000000"] {
        assert!(matches!(phone(dear).kind(), SharedCost | PremiumRate), "{dear}");
    }
}

#[test]
fn the_wire_form_is_one_string_and_only_its_shape_is_checked() {
    for text in ["+447700900123", "+442079460958;ext=12", "+99912345678"] {
        let json = serde_json::to_string(&phone(text)).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Phone>(&json).unwrap(), phone(text));
    }
    for text in [
        "",
        "07700900123",
        "+",
        "+44",
        "+44 7700",
        "+044770090",
        "+447700900123;ext=",
        "+447700900123;ext=1x",
        "+447700900123;ext=123456789012",
        "+123456789012345678901",
        "+４４７７００９００１２３",
    ] {
        assert!(text.parse::<Phone>().is_err(), "{text:?}");
        assert!(serde_json::from_value::<Phone>(text.into()).is_err(), "{text:?}");
    }
}

/// A number that reading produced.
fn some_phone() -> impl Strategy<Value = Phone> {
    ("[+]?(44|0044|0|1|33|39|49|54|52|55|375|86|7)?[0-9]{5,14}", "GB|US|IT|AR|BR|FR|BY")
        .prop_filter_map("not a number", |(text, region)| {
            CallerId::read(&text, &region).number().cloned()
        })
}

proptest! {
    #[test]
    fn reading_a_number_again_changes_nothing(phone in some_phone(), region in "GB|US|IT|AR|BR") {
        prop_assert_eq!(CallerId::read(phone.e164(), &region), CallerId::Number(phone.clone()));
        prop_assert_eq!(CallerId::read(&phone.tel_uri(), &region), CallerId::Number(phone));
    }

    #[test]
    fn every_british_formatting_finds_the_same_contact(
        national in "[1-357-9][0-9]{9}", lead in "0|\\+44 ?|0044 |\\+44 ?\\(0\\) ?|44", at in 2usize..8,
        separator in "[-. \u{A0}]|", extension in prop::option::of("[1-9][0-9]{0,4}"),
    ) {
        prop_assume!(!CARRIER_SUBSTITUTES.contains(&national.as_str()) && !national.starts_with("180020"));
        let plain = read(&format!("+44{national}"));
        let mut text = format!("{lead}{}{separator}{}", &national[..at], &national[at..]);
        if let Some(extension) = &extension {
            text.push_str(&format!(" ext. {extension}"));
        }
        let written = read(&text);
        let key = |id: &CallerId| id.number().map(|phone| phone.e164().to_owned());
        prop_assert!(key(&plain).is_some());
        prop_assert_eq!(key(&written), key(&plain), "{}", text);
        prop_assert_eq!(written.number().and_then(Phone::extension), extension.as_deref());
    }

    #[test]
    fn what_is_shown_reads_back(phone in some_phone()) {
        // British numbers in ranges that do not exist have no national form to read.
        prop_assume!(!phone.e164().starts_with("+444") && !phone.e164().starts_with("+446"));
        let shown = phone.national_display("GB");
        prop_assert_eq!(CallerId::read(&shown, "GB"), CallerId::Number(phone), "{}", shown);
    }

    #[test]
    fn nothing_written_by_strangers_panics(text in any::<String>(), region in ".{0,3}") {
        if let CallerId::Number(phone) = CallerId::read(&text, &region) {
            let _ = (phone.kind(), phone.region(), phone.national_display(&region));
        }
    }

    #[test]
    fn nothing_that_looks_like_a_number_panics(text in "[0-9+()xX#,;:=@/ .sipteln-]{0,60}") {
        if let CallerId::Number(phone) = read(&text) {
            prop_assert_eq!(phone.to_string().parse::<Phone>(), Ok(phone));
        }
    }
}
