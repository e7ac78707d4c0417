mod crash;
mod log;
