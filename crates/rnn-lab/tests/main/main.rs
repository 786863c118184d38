//! The laboratory's frame: jobs, the folder of results, the engines, sharded training.

mod engine;
mod folder;
mod ranks;
mod sharded;
mod toys;
