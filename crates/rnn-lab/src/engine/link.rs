//! Messages between processes that compute together.

/// One of several processes, the ranks, that send each other messages.
///
/// The ranks are numbered from 0. Messages from one rank to another arrive in the order in which they were sent.
pub trait Link {
    /// The number of this process.
    fn rank(&self) -> usize;

    /// How many processes there are.
    fn size(&self) -> usize;

    /// Sends a message to another rank.
    fn send(&self, to: usize, message: &[u8]);

    /// The next message that has arrived, and the rank that sent it; `None` if none is there.
    fn receive(&self) -> Option<(usize, Vec<u8>)>;
}

/// A process that works alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Link for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    /// # Panics
    /// Always: there is nobody else.
    fn send(&self, to: usize, _: &[u8]) {
        panic!("there is no rank {to}");
    }

    fn receive(&self) -> Option<(usize, Vec<u8>)> {
        None
    }
}

/// Waits for the next message. A waiting rank sleeps between two looks, so that it leaves the processor to those that work.
pub(crate) fn wait(link: &impl Link) -> (usize, Vec<u8>) {
    loop {
        if let Some(message) = link.receive() {
            return message;
        }
        std::thread::sleep(LOOK);
    }
}

/// The time between two looks for a message.
pub(crate) const LOOK: std::time::Duration = std::time::Duration::from_micros(200);
