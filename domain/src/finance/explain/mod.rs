//! What moved a figure from one period to another. Each part is exact, and the parts add up to the change.

mod change;
mod made;
mod split;

pub use change::{Change, Driver, Explained, change};
pub use made::{Made, Moved, Mover, moved};
pub use split::{Sold, Split, split};
