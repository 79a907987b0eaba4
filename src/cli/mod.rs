//! The commands: arguments in, exit code out. What they do is the library's; how it is asked and shown is here.

mod request;
mod workload;
