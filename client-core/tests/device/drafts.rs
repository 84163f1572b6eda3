//! Drafts beside saves: thrown away without a trace, and never in the way of what was saved meanwhile.

use client_core::{About, Error};
use sync_protocol::exchange::VerdictRange;
use sync_protocol::{Code, Verdict};

use crate::hand::{body, device, digest_of, edit, nothing, ok, page, shown, sync, writer, writer_state};
use crate::publisher::bundled;
use crate::visits::{H, answer, equip, finish, imported, short};

#[test]
fn a_discarded_draft_leaves_no_trace() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "")], &imported());
    edit(&mut device, 1, "phone", "0741");
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/phone", "0742");
    assert!(matches!(device.draft_save(visit.draft()), Err(Error::BadInput { .. })), "an interview is not half saved");
    device.draft_discard(visit.draft()).expect("gone");
    assert_eq!(device.status().expect("reads").drafts, 0);
    assert_eq!(shown(&device, 1, "phone").as_deref(), Some("0741"));
    assert!(matches!(device.resume_visit(visit.draft()), Err(Error::NotFound(_))));
}

#[test]
fn two_forms_may_be_asked_of_one_household_at_a_time() {
    let mut device = device();
    let forms = vec![short("1", ""), bundled("ppi")];
    let ppi = forms[1].0.hash;
    let form = equip(&mut device, forms, &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    let other = device.begin_visit(About::Household(H), ppi).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "refused");
    finish(&mut device, &mut visit);
    let lines = device.drafts().expect("lists");
    assert_eq!(
        (lines.len(), lines[0].draft, lines[0].form.as_deref()),
        (1, other.draft(), Some("ppi-idn-2022@2022.1"))
    );
}

#[test]
fn an_older_draft_does_not_hide_a_save_that_waits_for_a_person() {
    let mut device = device();
    let form = equip(&mut device, vec![short("1", "")], &imported());
    let mut visit = device.begin_visit(About::Household(H), form).expect("begun");
    answer(&mut device, &mut visit, "/data/outcome", "refused");
    answer(&mut device, &mut visit, "/data/phone", "from the draft");
    edit(&mut device, 1, "phone", "kept out");
    finish(&mut device, &mut visit);
    let both = device.load(H).expect("is here").row;
    assert_eq!(both.conflicts().collect::<Vec<_>>(), ["phone"]);
    // The server merges the second alone.
    let (mut merged, me) = (both.clone(), writer(&device));
    for register in merged.registers.values_mut() {
        register.siblings.retain(|sibling| sibling.dot.writer != me || sibling.dot.save == 2);
    }
    let text = merged.to_text();
    let mut answer = nothing();
    let mut state = writer_state(me, 2);
    for (save, verdict) in [(1, Verdict::Quarantined(Code::NotGranted)), (2, Verdict::Applied)] {
        state.verdicts.push(VerdictRange { first: save, last: save, verdict });
    }
    answer.writers = vec![state];
    answer.areas = vec![page(crate::hand::RT_1, 2, 1, Some(digest_of(std::slice::from_ref(&text))), 2)];
    sync(&mut device, |request| ok(request, body(&answer, std::slice::from_ref(&text))));
    assert_eq!(device.load(H).expect("is here").row.registers["phone"], both.registers["phone"]);
}
