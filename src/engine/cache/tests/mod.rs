//! The cache by itself: what names a piece, what becomes of files that change, and that nothing wrong is ever kept.

mod changes;
mod files;
mod keys;
mod runs;
mod scene;
