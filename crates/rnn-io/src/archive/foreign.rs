//! Formats that people mistake for safetensors.

use crate::error::Fault;

/// The fault for a file of another format, recognized by its first eight bytes, which are no length of a header.
pub(super) fn recognize(first: [u8; 8]) -> Option<Fault> {
    const TORCH: &str = "if `torch.save` wrote it, convert it in Python: \
        `import torch, safetensors.torch as st; state = torch.load(\"FILE\", map_location=\"cpu\", weights_only=True); \
        st.save_file({name: x.clone().contiguous() for name, x in state.items()}, \"FILE.safetensors\")`. If the file holds \
        more than a state dict, take the state dict out first, as in `state = state[\"model\"]`; of a whole model, save \
        `model.state_dict()` with `safetensors.torch.save_file`";
    const KERAS: &str = "write the weights with `safetensors.numpy.save_file` under PyTorch's names";
    let (found, advice) = match first {
        [b'P', b'K', 3, 4, ..] => ("a zip archive", TORCH),
        // The protocol of a pickle is at most 5 today.
        [0x80, 2..=5, ..] => ("a Python pickle", TORCH),
        [0x89, b'H', b'D', b'F', ..] => ("an HDF5 file", KERAS),
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => ("a NumPy array", KERAS),
        // The version of the format is small, and the name of the producer follows.
        [0x08, 1..=20, 0x12, ..] => ("an ONNX file", "this crate writes ONNX and does not read it"),
        [b'v', b'e', b'r', b's', b'i', b'o', b'n', b' '] => {
            ("a text file", "a pointer of Git LFS: run `git lfs pull`")
        }
        [b'<', ..] => ("a text file", "a page of a web site instead of a download, it seems"),
        [b'{' | b'[', ..] => ("a text file", "a sharded model's index names the files to load"),
        _ => return None,
    };
    Some(Fault::Foreign { found, advice })
}
