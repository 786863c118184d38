//! The tests of the public interface, in one binary.

mod back;
mod curvature;
mod dynamics;
mod fan;
mod fixed_points;
mod flossing;
mod memory;
mod newton;
mod online;
mod paths;
mod spectrum;
mod sweep;
mod truncation;
