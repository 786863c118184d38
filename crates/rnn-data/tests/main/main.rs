//! The tests of the public interface, in one binary.

mod chance;
mod every_task;
mod notebook;
mod portable;
mod series;
mod statistics;
mod targets;
mod tasks;
mod torch_init;
mod torch_stream;
mod value_stability;
