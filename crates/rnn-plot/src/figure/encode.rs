use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;
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
    let replace = || -> io::Result<()> {
        let target = match fs::metadata(path) {
            Ok(found) if found.is_file() => fs::canonicalize(path)?,
            Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
            // Nothing, or a link to a file that does not exist yet.
            Err(_) => fs::read_link(path).map_or(path.to_owned(), |to| path.with_file_name("").join(to)),
        };
        let mut file = AtomicWriteFile::open(target)?;
        file.write_all(bytes)?;
        file.commit()
    };
    replace().map_err(|source| Error::Write { path: path.to_owned(), source })
}
