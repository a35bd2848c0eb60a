//! Parts of a text, by where they are in it.

use core::ops::Range;

/// Where `part` is in the text that it is a part of.
#[inline]
pub(crate) fn part(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let end = start.checked_add(part.len()).filter(|end| *end <= text.len())?;
    Some(start..end)
}
