//! What the interview itself has to say, in both languages; the form's own texts come from the form.

/// The languages that the interview itself speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// Bahasa Indonesia.
    Indonesian,
    /// English.
    English,
}

/// Something to say.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the renderings below say it")]
pub enum Message {
    Required,
    Halted,
    Constraint,
    Warning,
    NotWhole,
    NotNumber,
    NotDate,
    NotTime,
    NotPosition,
    OutsideScale { start: String, end: String },
    ChoiceGone { answer: String },
    SkippedButAnswered,
    NotInForm,
    CalculationDiffers { stored: String, calculated: String },
    RowCount { stored: usize, counted: usize },
}

impl Message {
    /// The sentence in `tongue`.
    pub fn text(&self, tongue: Tongue) -> String {
        match tongue {
            Tongue::Indonesian => self.indonesian(),
            Tongue::English => self.english(),
        }
    }

    fn indonesian(&self) -> String {
        match self {
            Message::Required => "Pertanyaan ini wajib dijawab.".into(),
            Message::Halted => {
                "Selama catatan ini tampil, wawancara tidak dapat dilanjutkan. Perbaiki dahulu jawaban lain.".into()
            }
            Message::Constraint => "Jawaban ini tidak boleh untuk pertanyaan ini.".into(),
            Message::Warning => "Jawaban ini tidak lazim. Periksa lagi, atau tulis alasannya.".into(),
            Message::NotWhole => "Isilah dengan bilangan bulat, tanpa titik atau koma.".into(),
            Message::NotNumber => "Isilah dengan angka.".into(),
            Message::NotDate => "Tanggal ini tidak ada.".into(),
            Message::NotTime => "Jam ini tidak ada.".into(),
            Message::NotPosition => "Ini bukan posisi lintang dan bujur.".into(),
            Message::OutsideScale { start, end } => format!("Nilainya harus antara {start} dan {end}."),
            Message::ChoiceGone { answer } => format!("Pilihan \"{answer}\" tidak tersedia di sini."),
            Message::SkippedButAnswered => "Terisi, padahal menurut jawaban lain pertanyaan ini dilewati.".into(),
            Message::NotInForm => "Jawaban ini tidak dikenal oleh kuesioner.".into(),
            Message::CalculationDiffers { stored, calculated } => {
                format!("Tersimpan \"{stored}\", padahal hasil hitungannya \"{calculated}\".")
            }
            Message::RowCount { stored, counted } => {
                format!("Ada {stored} baris, padahal menurut jawaban lain seharusnya {counted}.")
            }
        }
    }

    fn english(&self) -> String {
        match self {
            Message::Required => "This question must be answered.".into(),
            Message::Halted => {
                "While this note is shown the interview cannot go on. Correct another answer first.".into()
            }
            Message::Constraint => "This answer is not allowed here.".into(),
            Message::Warning => "This answer is unusual. Check it, or write down the reason.".into(),
            Message::NotWhole => "Enter a whole number, without point or comma.".into(),
            Message::NotNumber => "Enter a number.".into(),
            Message::NotDate => "There is no such date.".into(),
            Message::NotTime => "There is no such time.".into(),
            Message::NotPosition => "This is not a position of latitude and longitude.".into(),
            Message::OutsideScale { start, end } => format!("The value must lie between {start} and {end}."),
            Message::ChoiceGone { answer } => format!("The choice \"{answer}\" is not offered here."),
            Message::SkippedButAnswered => "Answered, although other answers say that it is skipped.".into(),
            Message::NotInForm => "The questionnaire does not know this answer.".into(),
            Message::CalculationDiffers { stored, calculated } => {
                format!("Stored is \"{stored}\", but it calculates to \"{calculated}\".")
            }
            Message::RowCount { stored, counted } => {
                format!("There are {stored} rows, but other answers say that there should be {counted}.")
            }
        }
    }
}
