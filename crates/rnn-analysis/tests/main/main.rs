//! The tests of the public interface, in one binary.

mod back;
mod cycles;
mod dimension;
mod dynamics;
mod fan;
mod fixed_points;
mod interval;
mod mean_field;
mod normality;
mod paths;
mod spectrum;
mod sweep;
mod truncation;
