//! What the operating system and the compiler need of a program that has no libc: a start, two system calls, and the
//! functions that move memory.

use core::arch::{asm, global_asm};

global_asm!(
    ".globl _start",
    "_start:",
    "xor %ebp, %ebp",
    "and $-16, %rsp",
    "call rust_main",
    "ud2",
    options(att_syntax)
);

#[unsafe(no_mangle)]
extern "C" fn rust_main() -> ! {
    exit(crate::run())
}

pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: `exit` takes a number and does not return.
    unsafe { asm!("syscall", in("rax") 60, in("rdi") code, options(noreturn)) }
}

pub(crate) fn write(bytes: &[u8]) {
    // SAFETY: `write` reads the bytes that it is given; the kernel overwrites rcx and r11.
    unsafe {
        asm!("syscall", inlateout("rax") 1_isize => _, in("rdi") 1, in("rsi") bytes.as_ptr(), in("rdx") bytes.len(),
            out("rcx") _, out("r11") _)
    }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: the caller's, both are valid for `len` bytes and do not overlap.
    unsafe { asm!("rep movsb", inout("rcx") len => _, inout("rdi") to => _, inout("rsi") from => _) }
    to
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: the caller's, both are valid for `len` bytes. Copied from the end where the end would be overwritten.
    unsafe {
        if (to as usize).wrapping_sub(from as usize) >= len {
            memcpy(to, from, len);
        } else {
            asm!("std", "rep movsb", "cld", inout("rcx") len => _, inout("rdi") to.wrapping_add(len).wrapping_sub(1) => _,
                inout("rsi") from.wrapping_add(len).wrapping_sub(1) => _)
        }
    }
    to
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    // SAFETY: the caller's, it is valid for `len` bytes.
    unsafe { asm!("rep stosb", inout("rcx") len => _, inout("rdi") to => _, in("al") byte as u8) }
    to
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(one: *const u8, other: *const u8, len: usize) -> i32 {
    for index in 0..len {
        // SAFETY: the caller's, both are valid for `len` bytes. Volatile, or the loop becomes a call of itself.
        let (one, other) = unsafe { (one.add(index).read_volatile(), other.add(index).read_volatile()) };
        if one != other {
            return i32::from(one) - i32::from(other);
        }
    }
    0
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(one: *const u8, other: *const u8, len: usize) -> i32 {
    // SAFETY: the caller's.
    unsafe { memcmp(one, other, len) }
}

/// # Safety
/// As C's.
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    // SAFETY: the caller's, it is valid up to a zero.
    (0..).find(|index| unsafe { text.add(*index).read_volatile() } == 0).unwrap_or(0)
}

// The precompiled `core` was built to unwind, and asks for these; nothing calls them where a panic aborts.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    exit(101)
}
