//! Accounts: made, disabled, given a password.

use sync_protocol::UserId;

use crate::error::{Result, bad_request, conflict, not_found};
use crate::instance::Instance;
use crate::people::Role;
use crate::secrets::passwords;
use crate::store::audit::{self, Deed};
use crate::store::sessions;
use crate::store::users::{self, User};

/// A person to be added.
#[derive(Clone)]
pub struct NewUser {
    /// What they type to sign in: lower-case letters, digits, points, hyphens, underscores.
    pub name: String,
    /// What others read.
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// Absent for people who only ever use an enrolled device.
    pub password: Option<String>,
}

/// Adds a person. `by` is `None` where the operator does it on the machine itself.
pub fn add_user(instance: &Instance, new: NewUser, by: Option<UserId>) -> Result<User> {
    let name = new.name.trim().to_lowercase();
    if !is_account_name(&name) {
        return Err(bad_request("bad_name", "A name to sign in with has 1 to 64 letters a-z, digits, or any of . - _"));
    }
    let display_name = new.display_name.trim().to_owned();
    if !(1..=128).contains(&display_name.chars().count()) || display_name.chars().any(char::is_control) {
        return Err(bad_request("bad_name", "The name that others read has 1 to 128 characters in one line."));
    }
    let hash = new.password.map(|password| hashed(instance, &password)).transpose()?;
    let (at, random) = instance.ambient.id_parts();
    let id = UserId::minted(at, random);
    let user = User { id, name, display_name, role: new.role, created_at: instance.now(), disabled_at: None };
    let deed = Deed::new(instance, by, "user.add", id, user.role.word());
    instance.store.write(move |tx| {
        if !users::add(tx, &user, hash.as_deref())? {
            return Err(conflict("name_taken", "There is somebody of this name already."));
        }
        audit::add(tx, &deed)?;
        Ok(user)
    })
}

/// Letters that everybody can type anywhere.
fn is_account_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
}

fn hashed(instance: &Instance, password: &str) -> Result<String> {
    passwords::hash(password, &instance.ambient.random())
        .map_err(|e| bad_request("bad_password", sentence(&e.to_string())))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// Disables a person: every session ends, every writer may still deliver what it had signed.
pub fn disable_user(instance: &Instance, id: UserId, by: Option<UserId>) -> Result<()> {
    let now = instance.now();
    let deed = Deed::new(instance, by, "user.disable", id, "");
    instance.store.write(move |tx| {
        users::find(tx, id)?.ok_or_else(|| not_found("person"))?;
        users::disable(tx, id, now)?;
        sessions::end_of_user(tx, id, now)?;
        audit::add(tx, &deed)?;
        Ok(())
    })
}

/// Sets a person's password and ends their sessions in the office.
pub fn set_password(instance: &Instance, id: UserId, password: &str, by: Option<UserId>) -> Result<()> {
    let hash = hashed(instance, password)?;
    let now = instance.now();
    let deed = Deed::new(instance, by, "user.password", id, "");
    instance.store.write(move |tx| {
        users::find(tx, id)?.ok_or_else(|| not_found("person"))?;
        users::set_password_hash(tx, id, &hash)?;
        sessions::end_of_office(tx, id, now)?;
        audit::add(tx, &deed)?;
        Ok(())
    })
}
