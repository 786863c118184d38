//! The tests of the public interface, in one binary.

mod back;
mod diagnosis;
mod dynamics;
mod fan;
mod fixed_points;
mod paths;
mod spectrum;
mod sweep;
mod truncation;
