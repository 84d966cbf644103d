//! The words that matter beside private numbers, and the words that are numbers.

/// What a word says about the numbers near it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing.
    Plain,
    Card,
    /// account, sort code, IBAN: the number is a bank's.
    Account,
    SortCode,
    /// National Insurance.
    Insurance,
    /// A card's security code by its short name.
    Cvv,
    Security,
    Code,
    Back,
    /// order, invoice, phone, …: the number is something else.
    Other,
}

/// A number said in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// oh to nine.
    Digit(u8),
    /// ten to nineteen.
    Teen(u8),
    /// twenty to ninety, which a digit may follow.
    Tens(u8),
    /// double, treble.
    Times(u8),
}

/// Longest word looked at, in bytes.
pub(super) const LONGEST: usize = 12;

/// `word` in small letters, if it is ASCII and short enough to mean anything here.
pub(super) fn lower<'a>(word: &[u8], buffer: &'a mut [u8; LONGEST]) -> Option<&'a [u8]> {
    let small = buffer.get_mut(..word.len())?;
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    Some(small)
}

pub(super) fn number(word: &[u8]) -> Option<Number> {
    Some(match word {
        b"zero" | b"oh" | b"nought" | b"naught" | b"nil" => Number::Digit(0),
        b"one" => Number::Digit(1),
        b"two" => Number::Digit(2),
        b"three" => Number::Digit(3),
        b"four" => Number::Digit(4),
        b"five" => Number::Digit(5),
        b"six" => Number::Digit(6),
        b"seven" => Number::Digit(7),
        b"eight" => Number::Digit(8),
        b"nine" => Number::Digit(9),
        b"ten" => Number::Teen(0),
        b"eleven" => Number::Teen(1),
        b"twelve" => Number::Teen(2),
        b"thirteen" => Number::Teen(3),
        b"fourteen" => Number::Teen(4),
        b"fifteen" => Number::Teen(5),
        b"sixteen" => Number::Teen(6),
        b"seventeen" => Number::Teen(7),
        b"eighteen" => Number::Teen(8),
        b"nineteen" => Number::Teen(9),
        b"twenty" => Number::Tens(2),
        b"thirty" => Number::Tens(3),
        b"forty" => Number::Tens(4),
        b"fifty" => Number::Tens(5),
        b"sixty" => Number::Tens(6),
        b"seventy" => Number::Tens(7),
        b"eighty" => Number::Tens(8),
        b"ninety" => Number::Tens(9),
        b"double" => Number::Times(2),
        b"triple" | b"treble" => Number::Times(3),
        _ => return None,
    })
}

/// Sounds between digits that do not end a number.
pub(super) fn is_filler(word: &[u8]) -> bool {
    matches!(word, b"um" | b"umm" | b"uh" | b"er" | b"erm" | b"hmm" | b"dash" | b"hyphen" | b"then")
}

/// Words that announce a card's security code: a text with one of them is worth a closer look.
pub(super) fn announces_code(word: &[u8]) -> bool {
    matches!(word, b"digits" | b"security") || meaning(word) == Meaning::Cvv
}

pub(super) fn meaning(word: &[u8]) -> Meaning {
    match word {
        b"card" | b"cards" | b"visa" | b"mastercard" | b"amex" | b"maestro" | b"debit"
        | b"credit" => Meaning::Card,
        b"account" | b"acct" | b"acc" | b"iban" | b"bank" | b"bacs" => Meaning::Account,
        b"sort" | b"sortcode" => Meaning::SortCode,
        b"national" | b"insurance" | b"ni" | b"nino" => Meaning::Insurance,
        b"cvv" | b"cvc" | b"csc" | b"cvn" | b"cvv2" | b"cvc2" | b"cv2" => Meaning::Cvv,
        b"security" => Meaning::Security,
        b"code" => Meaning::Code,
        b"back" => Meaning::Back,
        b"order" | b"invoice" | b"ref" | b"reference" | b"ticket" | b"case" | b"job" | b"quote"
        | b"po" | b"booking" | b"policy" | b"phone" | b"tel" | b"telephone" | b"mobile"
        | b"mob" | b"ring" | b"call" | b"date" | b"serial" | b"vat" | b"company" | b"part"
        | b"tracking" => Meaning::Other,
        _ => Meaning::Plain,
    }
}
