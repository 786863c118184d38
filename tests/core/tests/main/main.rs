//! The tests of the public interface, in one binary: what is generic is compiled once for all of them.

mod any_cell;
mod determinism;
mod errors;
mod every_cell;
mod generic;
mod gradients;
mod hostile;
mod init;
mod jacobian;
mod known_activations;
mod known_cells;
mod known_values;
mod losses;
mod memory;
mod optimizers;
mod options;
mod schedules;
mod stream;
mod training;
mod xray;
