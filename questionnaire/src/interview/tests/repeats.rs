//! Rows of repeats: counted, added, removed and moved.

use super::begin;
use crate::interview::{Mark, Refusal};

#[test]
fn rows_taken_by_a_smaller_count_keep_their_answers_aside() {
    let mut interview = begin(
        "integer size
         repeat person | count: ${size}
           text name
         end
         calculate names | calculation: join(',', ${name})",
    );
    interview.answer("/data/size", 3).unwrap();
    for (row, name) in ["Ana", "Budi", "Cici"].into_iter().enumerate() {
        interview.answer(&format!("/data/person[{}]/name", row + 1), name).unwrap();
    }
    let third = interview.sheet.path(interview.sheet.find_path("/data/person[3]").unwrap());
    interview.answer("/data/size", 1).unwrap();
    assert_eq!(interview.value("/data/names"), Some("Ana"));
    assert_eq!(interview.value(third.as_str()), None);
    interview.answer("/data/size", 3).unwrap();
    assert_eq!(interview.value("/data/names"), Some("Ana,Budi,Cici"));
    assert_eq!(interview.value(&format!("{third}/name")), Some("Cici"));
    interview.answer("/data/size", super::super::Answer::Empty).unwrap();
    assert_eq!(interview.value("/data/names"), Some("Ana,Budi,Cici"));
    assert_eq!(interview.add_row("/data/person"), Err(Refusal::Counted));
}

#[test]
fn a_row_is_named_by_its_id_wherever_it_is_moved() {
    let mut interview = begin(
        "repeat person
           text name
           calculate place | calculation: position(..)
         end",
    );
    interview.answer("/data/person[1]/name", "Ana").unwrap();
    let second = interview.add_row("/data/person").unwrap();
    interview.answer(&format!("{second}/name"), "Budi").unwrap();
    let third = interview.add_row("/data/person").unwrap();
    assert_eq!(interview.value(&format!("{third}/place")), Some("3"));
    interview.move_row(third.as_str(), 1).unwrap();
    assert_eq!(interview.value(&format!("{third}/place")), Some("1"));
    assert_eq!(interview.value(&format!("{second}/place")), Some("3"));
    assert_eq!(interview.value(&format!("{second}/name")), Some("Budi"));
    interview.remove_row("/data/person[2]").unwrap();
    assert_eq!(interview.value(&format!("{second}/place")), Some("2"));
    assert_eq!(interview.value(&format!("{second}/name")), Some("Budi"));
}

#[test]
fn a_row_sees_its_own_values_and_the_form_sees_all() {
    let mut interview = begin(
        "repeat person
           integer age
           calculate adult | calculation: if(${age} >= 17, 1, 0)
           repeat job
             integer hours
             calculate share | calculation: ${hours} div ${age}
           end
         end
         calculate adults | calculation: sum(${adult})
         calculate hours_all | calculation: sum(${hours})",
    );
    interview.answer("/data/person[1]/age", 20).unwrap();
    interview.answer("/data/person[1]/job[1]/hours", 40).unwrap();
    let second = interview.add_row("/data/person").unwrap();
    interview.answer(&format!("{second}/age"), 10).unwrap();
    interview.answer(&format!("{second}/job[1]/hours"), 5).unwrap();
    interview.add_row(&format!("{second}/job")).unwrap();
    interview.answer(&format!("{second}/job[2]/hours"), 15).unwrap();
    assert_eq!(interview.value("/data/adults"), Some("1"));
    assert_eq!(interview.value("/data/hours_all"), Some("60"));
    assert_eq!(interview.value(&format!("{second}/job[2]/share")), Some("1.5"));
    assert_eq!(interview.value("/data/person[1]/job[1]/share"), Some("2"));
    interview.remove_row(second.as_str()).unwrap();
    assert_eq!(interview.value("/data/hours_all"), Some("40"));
}

#[test]
fn a_running_total_over_the_rows_is_no_cycle() {
    let mut interview = begin(
        "repeat day
           integer sold
           calculate total | calculation: ${sold} + coalesce(indexed-repeat(${total}, ${day}, position(..) - 1), 0)
         end",
    );
    assert!(interview.plan().cycles().is_empty());
    for sold in [1, 2, 4] {
        if sold > 1 {
            interview.add_row("/data/day").unwrap();
        }
        let row = interview.sheet.tree.series(&interview.sheet.plan, interview.sheet.find_path("/data/day").unwrap());
        let last = row.rows.len();
        interview.answer(&format!("/data/day[{last}]/sold"), sold).unwrap();
    }
    assert_eq!(interview.value("/data/day[3]/total"), Some("7"));
    interview.answer("/data/day[1]/sold", 10).unwrap();
    assert_eq!(interview.value("/data/day[3]/total"), Some("16"));
    interview.move_row("/data/day[1]", 3).unwrap();
    assert_eq!(interview.value("/data/day[1]/total"), Some("2"));
    assert_eq!(interview.value("/data/day[3]/total"), Some("16"));
}

#[test]
fn a_repeat_may_go_on_as_long_as_its_last_row_says_so() {
    let mut interview = begin(
        "repeat child | count: if(count(${child}) = 0, 1, if(indexed-repeat(${more}, ${child}, count(${child})) = 'yes', count(${child}) + 1, count(${child})))
           text more
         end",
    );
    assert!(interview.plan().cycles().is_empty());
    interview.answer("/data/child[1]/more", "yes").unwrap();
    interview.answer("/data/child[2]/more", "yes").unwrap();
    assert_eq!(interview.value("/data/child[3]/more"), Some(""));
    assert_eq!(interview.value("/data/child[4]/more"), None);
}

#[test]
fn rows_of_one_repeat_follow_the_answers_in_another() {
    let mut interview = begin(
        "repeat person
           text name
         end
         repeat check | count: count(${person})
           calculate whose | calculation: indexed-repeat(${name}, ${person}, position(..))
         end",
    );
    interview.answer("/data/person[1]/name", "Ana").unwrap();
    assert_eq!(interview.value("/data/check[1]/whose"), Some("Ana"));
    let second = interview.add_row("/data/person").unwrap();
    interview.answer(&format!("{second}/name"), "Budi").unwrap();
    assert_eq!(interview.value("/data/check[2]/whose"), Some("Budi"));
    interview.move_row(second.as_str(), 1).unwrap();
    assert_eq!(interview.value("/data/check[1]/whose"), Some("Budi"));
    interview.remove_row("/data/person[2]").unwrap();
    assert_eq!(interview.value("/data/check[2]/whose"), None);
}

#[test]
fn a_skipped_repeat_asks_for_no_row_and_the_prompt_comes_after_the_last() {
    let mut interview = begin(
        "text any
         repeat goat | relevant: ${any} = 'yes'
           text name
         end",
    );
    assert_eq!(interview.sheet.stops().len(), 2);
    assert_eq!(interview.add_row("/data/goat"), Err(Refusal::NotAsked));
    interview.answer("/data/any", "yes").unwrap();
    assert_eq!(interview.sheet.stops().len(), 4);
    interview.next().unwrap();
    interview.next().unwrap();
    assert_eq!(interview.save().at, Mark::Another("/data/goat".into()));
    let row = interview.add_row("/data/goat").unwrap();
    assert_eq!(interview.save().at, Mark::At(format!("{row}/name").as_str().into()));
    interview.remove_row(row.as_str()).unwrap();
    assert_eq!(interview.save().at, Mark::Another("/data/goat".into()));
}

#[test]
fn a_computed_default_is_given_to_each_new_row() {
    let mut interview = begin(
        "text village | default: Legok
         repeat person
           text place | computed: ${village}
           integer number | computed: position(..)
         end",
    );
    assert_eq!(interview.value("/data/person[1]/place"), Some("Legok"));
    interview.answer("/data/village", "Kenali").unwrap();
    interview.add_row("/data/person").unwrap();
    assert_eq!(interview.value("/data/person[1]/place"), Some("Legok"));
    assert_eq!(interview.value("/data/person[2]/place"), Some("Kenali"));
    assert_eq!(interview.value("/data/person[2]/number"), Some("2"));
}
