//! A scene as pixels.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::Scene;
use crate::face;

/// A drawing that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
    /// The drawing is no SVG that we understand: a fault of ours.
    #[error("the drawing is unsound: {0}")]
    Unsound(#[from] resvg::usvg::Error),
    /// More pixels than we make.
    #[error("a picture of {0} × {1} pixels is too large")]
    TooLarge(u32, u32),
    /// The pixels could not be written.
    #[error("the picture could not be written: {0}")]
    Written(String),
}

/// No side of a picture is longer, in pixels.
const LONGEST: u32 = 8_192;

pub(crate) fn tree(scene: &Scene) -> Result<Tree, DrawError> {
    let options = Options { fontdb: face::database(), font_family: face::FAMILY.to_owned(), ..Options::default() };
    Ok(Tree::from_str(&scene.to_svg(), &options)?)
}

/// The drawing as PNG, at so many pixels a unit.
///
/// # Errors
/// When it would be too large.
pub fn png(scene: &Scene, scale: f32) -> Result<Vec<u8>, DrawError> {
    let tree = tree(scene)?;
    let side = |length: f32| (length * scale).ceil().clamp(1.0, 1e6) as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    if width > LONGEST || height > LONGEST {
        return Err(DrawError::TooLarge(width, height));
    }
    let mut pixels = Pixmap::new(width, height).ok_or(DrawError::TooLarge(width, height))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| DrawError::Written(error.to_string()))
}
