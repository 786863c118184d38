//! Formats that people mistake for safetensors.

use crate::error::Fault;

/// The fault for a file of another format, recognized by its first eight bytes, which are no length of a header.
pub(super) fn recognize(first: [u8; 8]) -> Option<Fault> {
    const TORCH: &str = "if `torch.save` wrote it, convert it in Python: \
        `safetensors.torch.save_file(torch.load(\"FILE\", weights_only=True), \"FILE.safetensors\")` for a state dict, \
        `save_file(model.state_dict(), ...)` for a whole model";
    const KERAS: &str = "write the weights with `safetensors.numpy.save_file` under PyTorch's names";
    let (found, advice) = match first {
        [b'P', b'K', 3, 4, ..] => ("a zip archive", TORCH),
        // The protocol of a pickle is at most 5 today.
        [0x80, 2..=5, ..] => ("a Python pickle", TORCH),
        [0x89, b'H', b'D', b'F', ..] => ("an HDF5 file", KERAS),
        [b'{' | b'[', ..] => ("a text file", "a sharded model's index names the files to load"),
        _ => return None,
    };
    Some(Fault::Foreign { found, advice })
}
