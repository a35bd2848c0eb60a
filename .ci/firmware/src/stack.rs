//! How much stack a call takes, and what it leaves there.

use core::ptr;

/// What unused stack is painted with.
const PAINT: u32 = 0xdead_beef;

/// How far below the caller is looked, in words: more than any call takes.
const WORDS: usize = 32 * 1024;

/// Runs `call` and answers with what it returned, and how many bytes of stack it took.
#[inline(never)]
pub fn measure<T>(call: impl FnOnce() -> T) -> (T, usize) {
    let top = top();
    for word in 1..=WORDS {
        // SAFETY: below the stack pointer is RAM that nothing has; no interrupt is on, and no call is made here.
        unsafe { ptr::write_volatile(top.sub(word), PAINT) };
    }
    let result = call();
    // SAFETY: as above.
    let painted = |word: &usize| unsafe { ptr::read_volatile(top.sub(*word)) } == PAINT;
    let unused = (1..=WORDS).rev().take_while(painted).count();
    (result, (WORDS - unused) * size_of::<u32>())
}

/// How many words of the dead stack, more than `depth` bytes below here, hold anything but paint and zeros.
#[inline(never)]
pub fn dirty(depth: usize) -> usize {
    let top = top();
    // SAFETY: as above.
    let dirty = |word: &usize| !matches!(unsafe { ptr::read_volatile(top.sub(*word)) }, PAINT | 0);
    (depth / size_of::<u32>()..=WORDS).filter(dirty).count()
}

#[inline(always)]
fn top() -> *mut u32 {
    cortex_m::register::msp::read() as *mut u32
}
