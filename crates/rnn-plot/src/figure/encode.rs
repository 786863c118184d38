use std::path::Path;

use tiny_skia::Pixmap;

use crate::error::Error;

/// Encodes an opaque picture as 8-bit RGB.
pub(super) fn png(pixmap: &Pixmap) -> Result<Vec<u8>, Error> {
    let rgb: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(|rgba| [rgba[0], rgba[1], rgba[2]]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&rgb)?;
            writer.finish()
        })
        .map_err(|source| Error::Encode { source: Box::new(source) })?;
    Ok(bytes)
}

/// Replaces the file at `path`, or the one that a link there points to, by `bytes`, as a whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    rnn_file::write(path, bytes).map_err(|error| match error {
        rnn_file::Error::NotRegular => Error::NotAFile { path: path.to_owned() },
        error => Error::Write { path: path.to_owned(), source: error.into() },
    })
}
