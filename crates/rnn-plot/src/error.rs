use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;

/// Errors of drawing and writing a figure.
///
/// Variants name the panel by its title and the line by its label.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The figure has no panels.
    #[error("the figure has no panels")]
    NoPanels,
    /// The grid of panels has zero columns.
    #[error("the figure has a grid of 0 columns")]
    NoColumns,
    /// The size of the panels is out of range.
    #[error("a panel of {width} x {height} is outside {min_width}..={max} x {min_height}..={max} logical pixels",
        min_width = crate::style::MIN_PANEL.0, min_height = crate::style::MIN_PANEL.1, max = crate::style::MAX_PANEL)]
    PanelSize {
        /// Logical pixels per panel, horizontally.
        width: u32,
        /// Logical pixels per panel, vertically.
        height: u32,
    },
    /// All panels together make a picture too large to hold in memory.
    #[error("the picture of {width} x {height} pixels is larger than {max} pixels in all", max = crate::style::MAX_PIXELS)]
    PictureSize {
        /// Pixels of the whole picture, horizontally.
        width: u64,
        /// Pixels of the whole picture, vertically.
        height: u64,
    },
    /// A line plot without a line.
    #[error("panel \"{panel}\" has no lines")]
    NoLines {
        /// Title of the panel.
        panel: String,
    },
    /// A line without a point.
    #[error("line \"{line}\" of panel \"{panel}\" has no points")]
    EmptyLine {
        /// Title of the panel.
        panel: String,
        /// Label of the line.
        line: String,
    },
    /// A line with different numbers of x and y values.
    #[error("line \"{line}\" of panel \"{panel}\" has {x_len} x values but {y_len} y values")]
    LengthMismatch {
        /// Title of the panel.
        panel: String,
        /// Label of the line.
        line: String,
        /// Number of x values.
        x_len: usize,
        /// Number of y values.
        y_len: usize,
    },
    /// A heat map whose values do not fill its rows and columns, or that has none.
    #[error("heat map \"{panel}\" has {len} values, which do not fill {rows} rows of {columns} columns")]
    GridShape {
        /// Title of the panel.
        panel: String,
        /// Number of values.
        len: usize,
        /// Rows asked for.
        rows: usize,
        /// Columns asked for.
        columns: usize,
    },
    /// A set of points on the complex plane without a point.
    #[error("the points \"{label}\" of panel \"{panel}\" are empty")]
    NoPoints {
        /// Title of the panel.
        panel: String,
        /// Label of the set.
        label: String,
    },
    /// An axis, extent or color range that is inverted, empty, not finite, or not positive on a log scale.
    #[error(
        "panel \"{panel}\": the {axis} range {lo}..{hi} is inverted, empty, not finite, or not positive on a log scale"
    )]
    Range {
        /// Title of the panel.
        panel: String,
        /// Which range: the label of the axis, or what the range is of.
        axis: String,
        /// Lower end as given.
        lo: f64,
        /// Upper end as given.
        hi: f64,
    },
    /// A reference line, a circle, a center, a width or a shade with a value it cannot have.
    #[error("panel \"{panel}\": {value} is not a possible {what}")]
    Value {
        /// Title of the panel.
        panel: String,
        /// What the value was meant to be.
        what: String,
        /// The value as given.
        value: f64,
    },
    /// Two panels draw the same label differently, so no single legend can serve both.
    #[error("the shared legend cannot show \"{label}\": the panels draw it in different styles")]
    LegendConflict {
        /// The label with two meanings.
        label: String,
    },
    /// The drawing library refused an operation.
    #[error("the figure could not be drawn")]
    Draw {
        /// The error of the drawing library.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The pixels could not be encoded as PNG.
    #[error("the figure could not be encoded as PNG")]
    Encode {
        /// The error of the encoder.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The path is that of a folder, a pipe, a device or the like, which a figure does not replace.
    #[error("the figure cannot be written to {}, which is not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file could not be written; a previous file of that name is left as it was.
    #[error("the figure could not be written to {}", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}
