//! Restores as the field meets them: lost answers, two restores, a phone that was away, decisions that only phones hold.

use std::path::PathBuf;
use std::sync::Arc;

use sync_protocol::{AreaId, Collection, RecordId, RecordWrite, Save, Value};

use super::centre::{Centre, World};
use super::phone::Phone;

/// An office, two phones in one area, and where backups lie.
struct Scene {
    world: Arc<World>,
    centre: Centre,
    area: AreaId,
    siti: Phone,
    budi: Phone,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(1);
        let centre = Centre::begin(&folder.path().join("server"), &world).unwrap();
        let area = centre.add_area(1, None).unwrap();
        let [siti, budi] =
            ["siti", "budi"].map(|name| Phone::enrol(&centre, name, area, folder.path(), &world).unwrap());
        Scene { world, centre, area, siti, budi, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sync(&mut self) {
        for _ in 0..2 {
            self.siti.sync(&self.centre).unwrap();
            self.budi.sync(&self.centre).unwrap();
        }
    }

    /// One household that everybody holds, and a backup of it.
    fn backed_up() -> (Scene, RecordId) {
        let mut scene = Scene::new();
        let home = scene.siti.make(1, scene.area, "Siti").unwrap();
        scene.sync();
        scene.centre.back_up(&scene.file("first")).unwrap();
        (scene, home)
    }

    fn restore(self, name: &str) -> Scene {
        let file = self.file(name);
        let Scene { world, centre, area, siti, budi, folder } = self;
        let centre = centre.destroy_and_restore(&file).unwrap();
        Scene { world, centre, area, siti, budi, folder }
    }

    fn office_edits(&self, id: RecordId, register: &str, value: &str) {
        let context = self.centre.find(id).unwrap().unwrap().context;
        let registers = [(register.to_owned(), Value::text(value))].into();
        let record = RecordWrite { collection: Collection::Household, id, context, registers };
        self.centre.save(vec![Save { records: vec![record] }]).unwrap();
    }

    fn stands(&self, id: RecordId, register: &str) -> Vec<String> {
        let row = self.centre.find(id).unwrap().expect("the record stands");
        let mut values: Vec<String> =
            row.registers[register].siblings.iter().map(|s| s.value.as_text().unwrap()).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    #[track_caller]
    fn all_agree(&self) {
        for phone in [&self.siti, &self.budi] {
            assert_eq!(phone.digest(self.area).unwrap(), self.centre.digest(self.area).unwrap());
        }
    }
}

#[test]
fn phones_refill_what_the_backup_lacked() {
    let (mut scene, home) = Scene::backed_up();
    scene.siti.edit(home, "head_name", "Siti Aminah").unwrap();
    let new = scene.budi.make(2, scene.area, "Budi").unwrap();
    scene.sync();
    scene = scene.restore("first");
    assert_eq!(scene.stands(home, "head_name"), ["Siti"]);
    scene.sync();
    assert_eq!(scene.stands(home, "head_name"), ["Siti Aminah"]);
    assert_eq!(scene.stands(new, "head_name"), ["Budi"]);
    scene.all_agree();
    // Nothing was lost: there is nothing to decide.
    assert_eq!(scene.centre.take_witnesses().unwrap().saves, 0);
}

#[test]
fn an_offices_decision_that_only_phones_hold_comes_back() {
    let (mut scene, home) = Scene::backed_up();
    scene.office_edits(home, "head_name", "Siti binti Ahmad");
    scene.sync();
    scene = scene.restore("first");
    scene.sync();
    assert_eq!(scene.stands(home, "head_name"), ["Siti"], "nothing comes back before the office has decided");
    assert_eq!(scene.centre.take_witnesses().unwrap().saves, 1);
    assert_eq!(scene.stands(home, "head_name"), ["Siti binti Ahmad"]);
    scene.sync();
    scene.all_agree();
    assert_eq!(scene.budi.shown(home, "head_name").unwrap(), [Value::text("Siti binti Ahmad")]);
}

#[test]
fn a_lost_phones_save_that_another_phone_holds_comes_back_and_its_own_return_changes_nothing() {
    let (mut scene, home) = Scene::backed_up();
    scene.budi.edit(home, "head_name", "Sitti").unwrap();
    scene.budi.sync(&scene.centre).unwrap();
    scene.siti.sync(&scene.centre).unwrap();
    scene = scene.restore("first");
    scene.siti.sync(&scene.centre).unwrap();
    assert_eq!(scene.centre.take_witnesses().unwrap().saves, 1);
    assert_eq!(scene.stands(home, "head_name"), ["Sitti"]);
    scene.siti.sync(&scene.centre).unwrap();
    scene.siti.edit(home, "head_name", "Siti A.").unwrap();
    scene.siti.sync(&scene.centre).unwrap();
    // The phone is found after all: what it had saved was seen and replaced.
    scene.sync();
    assert_eq!(scene.stands(home, "head_name"), ["Siti A."]);
    scene.all_agree();
}

#[test]
fn who_had_seen_a_decision_before_it_was_lost_goes_on_having_seen_it() {
    let (mut scene, home) = Scene::backed_up();
    scene.office_edits(home, "head_name", "Siti binti Ahmad");
    scene.sync();
    // Made offline, sent before and after the decision came back.
    scene.siti.edit(home, "head_name", "Siti Ahmad").unwrap();
    scene = scene.restore("first");
    scene.budi.sync(&scene.centre).unwrap();
    assert_eq!(scene.centre.take_witnesses().unwrap().saves, 1);
    scene.sync();
    assert_eq!(scene.stands(home, "head_name"), ["Siti Ahmad"]);
    scene.all_agree();
}

#[test]
fn what_had_been_replaced_by_a_save_sent_again_does_not_come_back_beside_it() {
    let (mut scene, home) = Scene::backed_up();
    scene.office_edits(home, "head_name", "Siti binti Ahmad");
    scene.sync();
    scene.siti.edit(home, "head_name", "Siti Ahmad").unwrap();
    scene = scene.restore("first");
    scene.sync();
    scene.centre.take_witnesses().unwrap();
    scene.sync();
    assert_eq!(scene.stands(home, "head_name"), ["Siti Ahmad"]);
    scene.all_agree();
}

#[test]
fn what_the_office_decides_after_the_restore_stands_beside_what_comes_back() {
    let (mut scene, home) = Scene::backed_up();
    scene.office_edits(home, "head_name", "Siti binti Ahmad");
    scene.sync();
    scene = scene.restore("first");
    scene.office_edits(home, "head_name", "Siti Aisyah");
    scene.sync();
    scene.centre.take_witnesses().unwrap();
    assert_eq!(scene.stands(home, "head_name"), ["Siti Aisyah", "Siti binti Ahmad"]);
    scene.sync();
    scene.all_agree();
}

#[test]
fn a_phone_that_was_away_finds_its_way_and_what_it_alone_holds_follows_the_decision() {
    let (mut scene, home) = Scene::backed_up();
    scene.office_edits(home, "head_name", "Siti binti Ahmad");
    scene.budi.sync(&scene.centre).unwrap();
    scene.budi.edit(home, "phone", "0741").unwrap();
    scene = scene.restore("first");
    scene.siti.sync(&scene.centre).unwrap();
    assert_eq!(scene.centre.take_witnesses().unwrap().saves, 0);
    scene.siti.edit(home, "address", "Jl. Mawar 1").unwrap();
    scene.siti.sync(&scene.centre).unwrap();
    scene.world.pass(40 * 86_400_000);
    scene.sync();
    assert_eq!(scene.stands(home, "head_name"), ["Siti binti Ahmad"]);
    assert_eq!(
        (scene.stands(home, "phone"), scene.stands(home, "address")),
        (vec!["0741".into()], vec!["Jl. Mawar 1".into()])
    );
    scene.all_agree();
}

#[test]
fn two_restores_from_two_backups_lose_nothing_although_answers_are_lost() {
    let (mut scene, home) = Scene::backed_up();
    (scene.siti.loses_one_in, scene.budi.loses_one_in) = (3, 2);
    scene.office_edits(home, "phone", "0741");
    let second = scene.budi.make(2, scene.area, "Budi").unwrap();
    scene.sync();
    scene.centre.back_up(&scene.file("second")).unwrap();
    scene.office_edits(home, "head_name", "Siti binti Ahmad");
    let third = scene.siti.make(3, scene.area, "Rina").unwrap();
    scene.sync();
    for backup in ["second", "first", "second"] {
        scene = scene.restore(backup);
        scene.sync();
        scene.centre.take_witnesses().unwrap();
        scene.sync();
        assert_eq!(scene.stands(home, "head_name"), ["Siti binti Ahmad"], "{backup}");
        assert_eq!(scene.stands(home, "phone"), ["0741"], "{backup}");
        assert_eq!(
            (scene.stands(second, "head_name"), scene.stands(third, "head_name")),
            (vec!["Budi".into()], vec!["Rina".into()])
        );
        scene.all_agree();
    }
}

#[test]
fn a_device_whose_tokens_are_newer_than_the_backup_gets_back_in_by_itself() {
    let (mut scene, home) = Scene::backed_up();
    // Long enough that every token is renewed twice.
    for day in 0..3 {
        scene.world.pass(86_400_000);
        scene.siti.edit(home, "phone", &format!("0741 {day}")).unwrap();
        scene.sync();
    }
    scene = scene.restore("first");
    scene.world.pass(86_400_000);
    scene.sync();
    assert_eq!(scene.stands(home, "phone"), ["0741 2"]);
    scene.all_agree();
}

#[test]
fn a_device_and_its_person_newer_than_the_backup_get_back_in_and_what_they_saved_is_kept() {
    let (mut scene, home) = Scene::backed_up();
    let mut rina = Phone::enrol(&scene.centre, "rina", scene.area, scene.folder.path(), &scene.world).unwrap();
    rina.sync(&scene.centre).unwrap();
    rina.edit(home, "head_name", "Siti R.").unwrap();
    rina.sync(&scene.centre).unwrap();
    scene = scene.restore("first");
    rina.sync(&scene.centre).unwrap();
    // Her grant is lost: what she had saved waits for somebody to look at it, and stays on her screen.
    let status = rina.status().unwrap();
    assert_eq!((status.unsent, status.attention.len()), (0, 1));
    assert_eq!(rina.shown(home, "head_name").unwrap(), [Value::text("Siti R.")]);
}

#[test]
fn nothing_is_missing_after_the_demos_disaster() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    let counted = super::show::play(folder.path(), 240, 1, &mut crate::demo::Narrator::plain(&mut said)).unwrap();
    assert!(counted.holds(), "{counted:?}\n{}", String::from_utf8_lossy(&said));
}

/// A list of the office, in ids that look like no other: as an import makes them.
fn list(scene: &Scene, households: u64) {
    let saves = (0..households).map(|n| {
        let id =
            RecordId::from_u128(u128::from_be_bytes(*blake3::hash(&n.to_be_bytes()).as_bytes().first_chunk().unwrap()));
        let text = |text: &str| Value::text(text);
        let registers = [
            ("_area".to_owned(), text(&scene.area.to_string())),
            ("head_name".to_owned(), text(&format!("Kepala {n}"))),
            ("address".to_owned(), text(&format!("Jl. Melati {n}, RT 004 RW 002, Kelurahan Beringin"))),
        ];
        let record =
            RecordWrite { collection: Collection::Household, id, context: [].into(), registers: registers.into() };
        Save { records: vec![record] }
    });
    scene.centre.save(saves.collect()).unwrap();
}

fn heal(households: u64) -> usize {
    let mut scene = Scene::new();
    list(&scene, households);
    scene.siti.sync(&scene.centre).unwrap();
    assert_eq!(scene.siti.rot(10).unwrap(), 10);
    assert_ne!(scene.siti.digest(scene.area).unwrap(), scene.centre.digest(scene.area).unwrap());
    scene.siti.wire = 0;
    let report = scene.siti.sync(&scene.centre).unwrap();
    // Where the phone holds two rows below a prefix, both come.
    assert!((10..=20).contains(&report.rows_received), "{report:?}");
    assert_eq!((report.evicted, report.mismatched), (0, vec![]));
    assert_eq!(scene.siti.digest(scene.area).unwrap(), scene.centre.digest(scene.area).unwrap());
    let again = scene.siti.sync(&scene.centre).unwrap();
    assert_eq!((again.requests, again.rows_received), (1, 0));
    scene.siti.wire
}

#[test]
fn ten_rows_that_rotted_are_replaced_and_hardly_any_others() {
    let wire = heal(1_000);
    assert!(wire <= 100_000, "{wire} bytes");
}
