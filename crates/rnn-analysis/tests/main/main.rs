//! The tests of the public interface, in one binary.

mod back;
mod curvature;
mod cycles;
mod diagnosis;
mod dimension;
mod dynamics;
mod fan;
mod fixed_points;
mod flossing;
mod interval;
mod lags;
mod mean_field;
mod memory;
mod newton;
mod normality;
mod online;
mod paths;
mod spectrum;
mod sweep;
mod truncation;
