//! The thin layer over the engine: grouped writes, a pool of readers, and statements bound by name.
//!
//! Writes: whoever finds the writer free runs every write that waits, in one transaction, each in a savepoint of its own;
//! many devices so share one fsync (`flushing.rs`: some writes need theirs later), and a write that fails takes nothing
//! else with it. Readers see a snapshot and never wait.
//! Nothing outside `store` knows which engine this is.

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};

use super::flushing::Flushing;

/// Reader connections; whoever finds none free waits for one, for opening another costs more than most reads.
const READERS_MAX: usize = 6;
/// How long a reader is waited for before one more is opened after all.
const READER_PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
/// Writes that share one transaction at most.
const GROUP_MAX: usize = 64;
/// Milliseconds that a statement waits for another process's lock.
const BUSY_MS: u32 = 10_000;
/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 128;

/// Why a statement or transaction failed. Holds no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine refused.
    #[error("the database refused")]
    Engine(#[from] rusqlite::Error),
    /// The file is of a newer schema than this program.
    #[error(
        "the data folder was written by a newer version of this program (schema {found}, this one knows {known}): \
         start that version, or go back to the copy from before the upgrade with `tilik-server downgrade`"
    )]
    Newer {
        /// Schema of the file.
        found: i64,
        /// Newest schema this program knows.
        known: i64,
    },
    /// A stored value is not what it must be.
    #[error("a stored value is not what it must be: {0}")]
    Stored(&'static str),
    /// A write could not be made durable, by no fault of its own: it is as if it had not been asked for.
    #[error("a write could not be made durable")]
    Undone,
    /// A write panicked; its transaction was rolled back.
    #[error("a write failed in the middle and was rolled back")]
    Panicked,
    /// The log could not be flushed: what is in it may not be told to anybody.
    #[error("the database's log could not be flushed")]
    Log(#[source] std::io::Error),
}

impl Error {
    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        matches!(self, Error::Engine(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    }
}

/// Result of this layer.
pub type Result<T> = std::result::Result<T, Error>;

/// A value bound to a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Arg<'a> {
    /// SQL NULL.
    Null,
    /// Integer.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl ToSql for Arg<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Arg::Null => ValueRef::Null,
            Arg::Int(n) => ValueRef::Integer(*n),
            Arg::Text(text) => ValueRef::Text(text.as_bytes()),
            Arg::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<i64> for Arg<'_> {
    fn from(n: i64) -> Self {
        Arg::Int(n)
    }
}

impl From<u64> for Arg<'_> {
    fn from(n: u64) -> Self {
        // Numbers of saves and changes stay below 10^15 by the protocol's limits.
        Arg::Int(n as i64)
    }
}

impl From<bool> for Arg<'_> {
    fn from(b: bool) -> Self {
        Arg::Int(i64::from(b))
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Arg::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Arg::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Arg::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Arg<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Arg::Bytes(bytes)
    }
}

impl<'a, T> From<Option<T>> for Arg<'a>
where
    Arg<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Arg::Null, Arg::from)
    }
}

/// Arguments of a statement: `args![area.to_string().as_str(), 3_i64]` binds `$1`, `$2`.
#[macro_export]
macro_rules! args {
    ($($arg:expr),* $(,)?) => { &[$($crate::store::db::Arg::from($arg)),*] };
}

/// One row of a result; columns by place, from 0.
#[derive(Debug)]
pub struct Columns<'r>(&'r rusqlite::Row<'r>);

impl Columns<'_> {
    /// Text that is never NULL.
    pub fn text(&self, at: usize) -> Result<&str> {
        self.0.get_ref(at)?.as_str().map_err(|_| Error::Stored("text"))
    }

    /// Text or NULL.
    pub fn opt_text(&self, at: usize) -> Result<Option<&str>> {
        self.0.get_ref(at)?.as_str_or_null().map_err(|_| Error::Stored("text"))
    }

    /// Owned text that is never NULL.
    pub fn string(&self, at: usize) -> Result<String> {
        self.text(at).map(str::to_owned)
    }

    /// Owned text or NULL.
    pub fn opt_string(&self, at: usize) -> Result<Option<String>> {
        Ok(self.opt_text(at)?.map(str::to_owned))
    }

    /// Integer.
    pub fn int(&self, at: usize) -> Result<i64> {
        self.0.get_ref(at)?.as_i64().map_err(|_| Error::Stored("an integer"))
    }

    /// Integer or NULL.
    pub fn opt_int(&self, at: usize) -> Result<Option<i64>> {
        self.0.get_ref(at)?.as_i64_or_null().map_err(|_| Error::Stored("an integer"))
    }

    /// Number that is never negative.
    pub fn number(&self, at: usize) -> Result<u64> {
        u64::try_from(self.int(at)?).map_err(|_| Error::Stored("a number"))
    }

    /// Truth.
    pub fn bool(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }

    /// Bytes.
    pub fn bytes(&self, at: usize) -> Result<&[u8]> {
        self.0.get_ref(at)?.as_blob().map_err(|_| Error::Stored("bytes"))
    }

    /// Bytes or NULL.
    pub fn opt_bytes(&self, at: usize) -> Result<Option<&[u8]>> {
        self.0.get_ref(at)?.as_blob_or_null().map_err(|_| Error::Stored("bytes"))
    }

    /// Text that parses as an id or another typed word.
    pub fn parsed<T: std::str::FromStr>(&self, at: usize) -> Result<T> {
        self.text(at)?.parse().map_err(|_| Error::Stored("an id"))
    }

    /// Text that parses, or NULL.
    pub fn opt_parsed<T: std::str::FromStr>(&self, at: usize) -> Result<Option<T>> {
        self.opt_text(at)?.map(|text| text.parse().map_err(|_| Error::Stored("an id"))).transpose()
    }
}

/// A transaction, or a snapshot for reading.
#[derive(Debug)]
pub struct Tx<'c> {
    connection: &'c Connection,
}

impl Tx<'_> {
    /// Statements on a connection that is nobody's transaction, such as that of a file being examined.
    pub(super) fn over(connection: &Connection) -> Tx<'_> {
        Tx { connection }
    }

    /// Runs a statement; returns the number of rows it changed.
    pub fn run(&self, sql: &str, args: &[Arg<'_>]) -> Result<usize> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        Ok(statement.raw_execute()?)
    }

    /// The first row, if there is one.
    pub fn row<T>(
        &self,
        sql: &str,
        args: &[Arg<'_>],
        read: impl FnOnce(&Columns<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        let mut rows = statement.raw_query();
        rows.next()?.map(|row| read(&Columns(row))).transpose()
    }

    /// Every row. The statement bounds itself.
    pub fn rows<T>(
        &self,
        sql: &str,
        args: &[Arg<'_>],
        mut read: impl FnMut(&Columns<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.each(sql, args, |row| {
            all.push(read(row)?);
            Ok(true)
        })?;
        Ok(all)
    }

    /// Row by row, until `take` answers false: memory stays that of one row.
    pub fn each(&self, sql: &str, args: &[Arg<'_>], mut take: impl FnMut(&Columns<'_>) -> Result<bool>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind(&mut statement, args)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if !take(&Columns(row))? {
                break;
            }
        }
        Ok(())
    }
}

/// `$1` is a *name* to SQLite, numbered by first appearance: bound by name, the text means the same on every engine.
fn bind(statement: &mut rusqlite::Statement<'_>, args: &[Arg<'_>]) -> Result<()> {
    const NAMES: [&str; 24] = [
        "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16", "$17",
        "$18", "$19", "$20", "$21", "$22", "$23", "$24",
    ];
    for (arg, name) in args.iter().zip(NAMES) {
        let at = statement.parameter_index(name)?.ok_or(Error::Stored("a parameter that the statement has not"))?;
        statement.raw_bind_parameter(at, arg)?;
    }
    Ok(())
}

type Work = Box<dyn FnOnce(&Connection, Alone) -> Delivery + Send>;
/// A write that waits for its turn.
struct Job {
    run: Work,
    flush: Flush,
}
/// When a write has to be on the disk itself, and not only where a power cut may take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flush {
    /// Before its caller goes on.
    Now,
    /// Before anybody hears of it: see [`Store::flush`].
    BeforeAnswering,
}
/// Whether a write has its transaction for itself. Then it needs no savepoint, which would copy each page it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Alone(bool);
/// Tells the waiting caller what became of its write, once the group is durable.
type Delivery = Box<dyn FnOnce(bool) + Send>;

/// The server's database.
pub struct Store {
    file: PathBuf,
    writer: Mutex<Connection>,
    waiting: Mutex<Vec<Job>>,
    flushing: Flushing,
    readers: Mutex<Readers>,
    reader_free: Condvar,
}

/// Reader connections: those at rest, and how many are open in all.
#[derive(Default)]
struct Readers {
    idle: Vec<Connection>,
    open: usize,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.file.display())
    }
}

impl Store {
    /// Opens or makes the database file and brings its schema up to date.
    pub fn open(file: &Path) -> Result<Store> {
        let connection = Connection::open(file)?;
        set_up(&connection)?;
        super::schema::migrate(&connection)?;
        Ok(Store {
            file: file.to_owned(),
            writer: Mutex::new(connection),
            waiting: Mutex::default(),
            flushing: Flushing::of(file),
            readers: Mutex::default(),
            reader_free: Condvar::new(),
        })
    }

    /// Bytes that are free where the database lies; `None` where that cannot be told.
    pub fn free_bytes(&self) -> Option<u64> {
        #[cfg(unix)]
        {
            let stat = rustix::fs::statvfs(&self.file).ok()?;
            Some(stat.f_bavail.saturating_mul(stat.f_frsize))
        }
        #[cfg(not(unix))]
        None
    }

    /// The schema of a database file, and the newest that this program knows. Changes nothing.
    pub fn schema_of(file: &Path) -> Result<(i64, i64)> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok((found, super::schema::newest()))
    }

    /// Copies a database file that is not open here into a new one, its log included.
    pub fn copy_file(from: &Path, to: &Path) -> Result<()> {
        let connection = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let to = to.to_str().ok_or(Error::Stored("a path in UTF-8"))?;
        connection.execute("VACUUM INTO $1", [to])?;
        Ok(())
    }

    /// Writes the log of a file that nobody works with into it, so that it may be moved alone.
    pub fn checkpoint_file(file: &Path) -> Result<()> {
        let connection = Connection::open(file)?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(())
    }

    /// Makes a database file of a dump, as a server of another version would have left it.
    #[cfg(test)]
    pub(crate) fn write_dump(file: &Path, dump: &str) -> Result<()> {
        Ok(Connection::open(file)?.execute_batch(dump)?)
    }

    /// Runs `f` on a snapshot. Writes within it fail.
    pub fn read<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let reader = self.reader()?;
        let result = {
            let snapshot = reader.unchecked_transaction().map_err(Error::from)?;
            f(&Tx { connection: &snapshot })
        };
        self.give_back(reader);
        result
    }

    fn reader(&self) -> Result<Connection> {
        {
            let busy = |readers: &mut Readers| readers.idle.is_empty() && readers.open >= READERS_MAX;
            let waited = self.reader_free.wait_timeout_while(lock(&self.readers), READER_PATIENCE, busy);
            let (mut readers, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if let Some(reader) = readers.idle.pop() {
                return Ok(reader);
            }
            readers.open += 1;
        }
        self.open_reader().inspect_err(|_| lock(&self.readers).open -= 1)
    }

    fn give_back(&self, reader: Connection) {
        let mut readers = lock(&self.readers);
        if readers.open <= READERS_MAX {
            readers.idle.push(reader);
        } else {
            readers.open -= 1;
        }
        drop(readers);
        self.reader_free.notify_one();
    }

    fn open_reader(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(std::time::Duration::from_millis(u64::from(BUSY_MS)))?;
        connection.pragma_update(None, "cache_size", -1_000)?;
        plan_once(&connection)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(connection)
    }

    /// Runs `f` in a transaction and returns once it is durable. An error rolls back what `f` did, and only that.
    ///
    /// Blocks: never call it from an async task.
    pub fn write<T, E>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.write_as(Flush::Now, f)
    }

    /// Like [`Store::write`], for what others build on before anybody is told of it: it outlives this process when this
    /// returns, and a power cut after the next [`Store::flush`] or `write`. Whoever answers with what was read calls that
    /// between reading and answering.
    pub fn write_before_flush<T, E>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.write_as(Flush::BeforeAnswering, f)
    }

    /// Returns once everything that was read or written before is on the disk. Costs nothing where it is.
    pub fn flush(&self) -> Result<()> {
        self.flushing.flush().map_err(Error::Log)
    }

    #[cfg(test)]
    pub(crate) fn is_flushed(&self) -> bool {
        self.flushing.is_flushed()
    }

    fn write_as<T, E>(
        &self,
        flush: Flush,
        f: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (deliver, delivered) = mpsc::sync_channel(1);
        let run = Box::new(move |connection: &Connection, alone| -> Delivery {
            let result = perform(connection, alone, f);
            Box::new(move |durable| {
                // A caller that gave up waiting loses nothing: its write stands.
                let _ = deliver.send(if durable { result } else { Err(E::from(Error::Undone)) });
            })
        });
        lock(&self.waiting).push(Job { run, flush });
        loop {
            let writer = lock(&self.writer);
            match delivered.try_recv() {
                Ok(result) => return result,
                Err(mpsc::TryRecvError::Disconnected) => return Err(E::from(Error::Undone)),
                Err(mpsc::TryRecvError::Empty) => self.run_group(&writer)?,
            }
        }
    }

    /// Everything that waits, in one transaction.
    fn run_group(&self, writer: &Connection) -> Result<()> {
        // Whoever is about to write too comes along: each one more in a group is a flush less.
        std::thread::yield_now();
        let group: Vec<Job> = {
            let mut waiting = lock(&self.waiting);
            let many = waiting.len().min(GROUP_MAX);
            waiting.drain(..many).collect()
        };
        let flush = group.iter().any(|job| job.flush == Flush::Now);
        writer.pragma_update(None, "synchronous", if flush { "FULL" } else { "NORMAL" })?;
        writer.execute_batch("BEGIN IMMEDIATE")?;
        let changes = writer.total_changes();
        let alone = Alone(group.len() == 1);
        let mut deliveries: Vec<Delivery> = Vec::with_capacity(group.len());
        for job in group {
            deliveries.push((job.run)(writer, alone));
            if writer.is_autocommit() {
                // The transaction is gone: a write that was alone failed, or the engine gave up, as on a full disk. Nobody
                // is told that their write stands; those not begun hear that they failed.
                deliveries.into_iter().for_each(|deliver| deliver(alone.0));
                return Ok(());
            }
        }
        if !flush {
            self.flushing.begin();
        }
        let committed = writer.execute_batch("COMMIT");
        match flush {
            // A commit of nothing flushes nothing.
            true if committed.is_ok() && writer.total_changes() != changes => self.flushing.note_flushed(),
            true => {}
            false => self.flushing.end(),
        }
        if committed.is_err() && !writer.is_autocommit() {
            writer.execute_batch("ROLLBACK")?;
        }
        for deliver in deliveries {
            deliver(committed.is_ok());
        }
        Ok(committed?)
    }

    /// Writes a snapshot of the database into the new file `to`, beside readers and the writer.
    pub fn copy_into(&self, to: &Path) -> Result<()> {
        let reader = self.open_reader()?;
        let to = to.to_str().ok_or(Error::Stored("a path in UTF-8"))?;
        reader.execute("VACUUM INTO $1", [to])?;
        Ok(())
    }

    /// Leaves the file room for so many more pages; `None`: as many as it likes. A disk that is full, for the simulator.
    #[cfg(feature = "broken-on-purpose")]
    pub fn leave_room(&self, pages: Option<u32>) -> Result<()> {
        let writer = lock(&self.writer);
        let held: u32 = writer.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let most = pages.map_or(u32::MAX - 1, |pages| held + pages);
        Ok(writer.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?)
    }

    /// Copies the write-ahead log into the database file and empties it.
    pub fn checkpoint(&self) -> Result<()> {
        lock(&self.writer).query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

fn perform<T, E: From<Error>>(
    connection: &Connection,
    alone: Alone,
    f: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    if alone == Alone(false) {
        connection.execute_batch("SAVEPOINT job").map_err(Error::from)?;
    }
    let work = std::panic::AssertUnwindSafe(|| f(&Tx { connection }));
    let result = std::panic::catch_unwind(work).unwrap_or_else(|_| Err(E::from(Error::Panicked)));
    let end = match (alone, result.is_ok()) {
        (Alone(true), true) => return result,
        // The engine may have rolled back by itself, as on a full disk.
        (Alone(true), false) if connection.is_autocommit() => return result,
        (Alone(true), false) => "ROLLBACK",
        (Alone(false), true) => "RELEASE job",
        (Alone(false), false) => "ROLLBACK TO job; RELEASE job",
    };
    connection.execute_batch(end).map_err(Error::from)?;
    result
}

/// Settings of the writing connection, each with its reason.
fn set_up(connection: &Connection) -> Result<()> {
    connection.busy_timeout(std::time::Duration::from_millis(u64::from(BUSY_MS)))?;
    // Changesets are long: pages twice the usual size halve the calls that write them. Only a new file takes it.
    connection.pragma_update(None, "page_size", 8_192)?;
    // Readers never wait for the writer, and a commit is one append.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // An acknowledged save survives a power cut; see `run_group` for what is acknowledged later.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    plan_once(connection)?;
    // 8 MB of pages: the machine that serves a city may have little memory.
    connection.pragma_update(None, "cache_size", -8_000)?;
    // A long import does not leave a long log behind.
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    // 64 MB: a checkpoint is one long pause for whoever meets it; a morning's sync of a whole team fits between two.
    connection.pragma_update(None, "wal_autocheckpoint", 8_000)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(())
}

/// A statement keeps the plan it was prepared with. Otherwise the engine prepares some again whenever their values change.
fn plan_once(connection: &Connection) -> Result<()> {
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the locks guard stays whole when a holder panics: transactions roll back, lists are only pushed and drained.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("t.sqlite")).expect("opens");
        store.write(|tx| tx.run("CREATE TABLE t (a INTEGER, b TEXT) STRICT", args![])).expect("creates");
        (folder, store)
    }

    fn count(store: &Store) -> i64 {
        store.read(|tx| tx.row("SELECT count(*) FROM t", args![], |r| r.int(0))).expect("reads").expect("a row")
    }

    #[test]
    fn what_was_written_before_a_flush_counts_as_flushed_after_it_or_after_a_write() {
        let (_folder, store) = store();
        let add = |tx: &Tx<'_>| super::super::feed::next_mark(tx).map(drop);
        store.write_before_flush(add).expect("writes");
        assert!(!store.flushing.is_flushed());
        store.write(|_| Ok::<_, Error>(())).expect("writes nothing");
        assert!(!store.flushing.is_flushed());
        store.flush().expect("flushes");
        assert!(store.flushing.is_flushed());
        store.write_before_flush(add).expect("writes");
        store.write(add).expect("writes");
        assert!(store.flushing.is_flushed());
    }

    #[test]
    fn parameters_are_bound_by_name() {
        let (_folder, store) = store();
        store.write(|tx| tx.run("INSERT INTO t (b, a) VALUES ($2, $1)", args![7_i64, "seven"])).expect("inserts");
        let read = store.read(|tx| tx.row("SELECT a, b FROM t", args![], |r| Ok((r.int(0)?, r.string(1)?))));
        assert_eq!(read.expect("reads"), Some((7, "seven".to_owned())));
    }

    #[test]
    fn a_write_that_fails_or_panics_takes_nothing_else_with_it() {
        let (_folder, store) = store();
        let insert = "INSERT INTO t (a, b) VALUES ($1, 'x')";
        std::thread::scope(|scope| {
            for n in 0..30_i64 {
                let store = &store;
                scope.spawn(move || {
                    let result: Result<()> = store.write(move |tx| {
                        tx.run(insert, args![n])?;
                        assert!(n % 3 != 1, "panics in the middle");
                        if n % 3 == 2 { Err(Error::Stored("refused")) } else { Ok(()) }
                    });
                    assert_eq!(result.is_ok(), n % 3 == 0);
                });
            }
        });
        assert_eq!(count(&store), 10);
    }

    #[test]
    fn a_reader_cannot_write() {
        let (_folder, store) = store();
        let result = store.read(|tx| tx.run("INSERT INTO t (a) VALUES (1)", args![]));
        assert!(result.is_err());
        assert_eq!(count(&store), 0);
    }
}
