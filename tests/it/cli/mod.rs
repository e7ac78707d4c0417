//! Every command and every flag, as its user meets it: what it prints, what it says, how it ends.

mod cache;
mod catalog;
mod check;
mod init;
mod lint;
mod power;
mod quarantine;
mod quick;
mod report;
mod simulate;
mod streams;
