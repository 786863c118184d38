//! The functions of the module, by their names.
//!
//! The page writes a query into the room that `request` makes, calls `view` or `map`, and reads the answer where `reply` says. Both lie
//! in vectors that belong to the module: nothing has to be freed, and no function reads an address that it is given.

#![expect(
    unsafe_code,
    reason = "the attribute that exports a function under its own name is unsafe, because two functions could have one name; \
              there is no unsafe block"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::module::{Answer, Module};

#[derive(Default)]
struct Desk {
    module: Module,
    request: Vec<u8>,
    reply: Vec<u8>,
}

static DESK: Mutex<Option<Desk>> = Mutex::new(None);

/// A module has one thread: nobody else holds the lock.
fn with_desk<T>(act: impl FnOnce(&mut Desk) -> T) -> T {
    let mut desk: MutexGuard<'_, Option<Desk>> = DESK.lock().unwrap_or_else(PoisonError::into_inner);
    act(desk.get_or_insert_default())
}

impl Desk {
    fn answer(&mut self, ask: impl FnOnce(&Module, &str) -> Answer) -> u32 {
        let query = String::from_utf8_lossy(&self.request);
        let Answer { outcome, json } = ask(&self.module, &query);
        self.reply = json;
        outcome as u32
    }
}

/// Makes room for a query of so many bytes of UTF-8, and says where.
#[unsafe(no_mangle)]
extern "C" fn request(length: usize) -> *mut u8 {
    with_desk(|desk| {
        desk.request.clear();
        desk.request.resize(length, 0);
        desk.request.as_mut_ptr()
    })
}

/// Answers the query with a view, after at most so many further training steps: 0 if it is found, 1 if it is unfinished, 2 if
/// it is refused.
#[unsafe(no_mangle)]
extern "C" fn view(steps: u32) -> u32 {
    with_desk(|desk| desk.answer(|module, query| module.view(query, steps)))
}

/// Answers the query with a map, as [`view`] does with a view.
#[unsafe(no_mangle)]
extern "C" fn map(steps: u32) -> u32 {
    with_desk(|desk| desk.answer(|module, query| module.map(query, steps)))
}

/// Where the last answer lies, as UTF-8.
#[unsafe(no_mangle)]
extern "C" fn reply() -> *const u8 {
    with_desk(|desk| desk.reply.as_ptr())
}

/// How many bytes it has.
#[unsafe(no_mangle)]
extern "C" fn reply_length() -> usize {
    with_desk(|desk| desk.reply.len())
}
