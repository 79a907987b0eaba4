//! The gate where there is no std and no allocator; see Cargo.toml for how to build it.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use portcullis::{Caller, Gate, Request};

static BLOB: &[u8] = portcullis::include_gate!("gate.gate");

const RESOURCE: &str = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5/prod/GET/pets/42";

fn answer() -> i32 {
    let Ok(gate) = Gate::load(BLOB) else { return 2 };
    let caller = Caller::Arn("arn:aws:sts::123412341234:assumed-role/reader/session-1");
    i32::from(!gate.decide(&Request::invoke(caller, RESOURCE)).is_allowed())
}

// The stack comes from the kernel at a multiple of 16; `call` leaves it as a function expects it.
core::arch::global_asm!(".global _start", "_start:", "xor ebp, ebp", "and rsp, -16", "call {main}", "ud2", main = sym main);

extern "C" fn main() -> ! {
    exit(answer())
}

fn exit(code: i32) -> ! {
    // SAFETY: system call 60 is `exit`, which takes a code and does not return.
    unsafe { core::arch::asm!("syscall", in("rax") 60, in("edi") code, options(noreturn)) }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(3)
}

// The built `core` of a hosted target names the unwinder, which a program that aborts never calls.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    exit(3)
}
