//! Facts about tables: each format, each conversion, each fault.

mod agreement;
mod changes;
mod frames;
mod labels;
mod scene;
mod spread;
mod tables;
mod texts;
