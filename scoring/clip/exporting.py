"""From a trained network to the files that ONNX Runtime reads; needs the extra ``[clip]``.

Weights are stored as int8, one scale per row, and computed as float32: a fourth of the bytes, and
nothing to calibrate. ONNX, operator DequantizeLinear, opset 13 and later.
"""

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from scoring.clip.fit import BANK
from scoring.clip.ort import IMAGE, TEXT
from scoring.clip.reading import WORDS
from scoring.clip.torchdoor import open_clip
from scoring.clip.weights import CONFIG, TENSORS, Manifest, sealed

OPSET: Final = 17
SMALLEST: Final = 2048
"""Arrays of fewer figures stay as they are: biases and gains matter more than their bytes."""
LEVELS: Final = 127


def loaded(trained: Path) -> Any:
    """Return the network of a folder that training wrote, ready to be asked."""
    from safetensors.torch import load_file

    config = json.loads((trained / CONFIG).read_bytes())
    model = open_clip().model.CLIP(**config["model_cfg"])
    model.load_state_dict(load_file(trained / TENSORS))
    return model.eval().requires_grad_(requires_grad=False)


def export(
    trained: Path,
    out: Path,
    *,
    bank: dict[str, list[str]] | None = None,
    int8: bool = True,
    **said: Any,
) -> Manifest:
    """Write both towers, the words, the configuration and the manifest to *out*.

    Args:
        trained: A folder that training wrote.
        out: A folder; files of those names are written over.
        bank: Other briefs by part, for fit.
        int8: Store large arrays as int8.
        said: What the manifest says beside what is read off: name, licence, source, valid_for.
    """
    config = json.loads((trained / CONFIG).read_bytes())["model_cfg"]
    out.mkdir(parents=True, exist_ok=True)
    for name in (CONFIG, WORDS):
        shutil.copyfile(trained / name, out / name)
    side, length = config["vision_cfg"]["image_size"], config["text_cfg"]["context_length"]
    towers(trained, out, int8=int8)
    if bank is not None:
        (out / BANK).write_text(json.dumps(bank, indent=1, ensure_ascii=False), "utf-8")
    return sealed(
        out, quick_gelu=config["quick_gelu"], dim=config["embed_dim"], side_px=side,
        context_length=length, **said,
    )  # fmt: skip


def _stored(path: Path) -> None:
    """Store the large arrays of a graph as int8 with a scale per row of their longest use."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph = model.graph
    unpacking = []
    for stored in list(graph.initializer):
        array = numpy_helper.to_array(stored)
        if array.dtype != np.float32 or array.size < SMALLEST or array.ndim < 2:  # noqa: PLR2004
            continue
        axis = 0 if array.ndim > 2 else 1  # noqa: PLR2004  convolutions: out first; matrices: out last
        others = tuple(at for at in range(array.ndim) if at != axis)
        scale = np.maximum(np.abs(array).max(axis=others) / LEVELS, 1e-12).astype(np.float32)
        shape = [-1 if at == axis else 1 for at in range(array.ndim)]
        packed = np.clip(np.rint(array / scale.reshape(shape)), -LEVELS, LEVELS).astype(np.int8)
        name = stored.name
        graph.initializer.remove(stored)
        graph.initializer.append(numpy_helper.from_array(packed, f"{name}_int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}_scale"))
        graph.initializer.append(
            numpy_helper.from_array(np.zeros(scale.shape, np.int8), f"{name}_zero")
        )
        names = [f"{name}_int8", f"{name}_scale", f"{name}_zero"]
        unpacking.append(helper.make_node("DequantizeLinear", names, [name], axis=axis))
    for node in reversed(unpacking):
        graph.node.insert(0, node)
    onnx.save(model, path)


def towers(
    trained: Path, out: Path, *, int8: bool, shrink: Callable[[Path], None] = _stored
) -> None:
    """Write the two networks that ONNX Runtime reads, of a folder with open_clip's tensors."""
    import torch

    model = loaded(trained)
    config = json.loads((trained / CONFIG).read_bytes())["model_cfg"]
    side, length = config["vision_cfg"]["image_size"], config["text_cfg"]["context_length"]
    shown = torch.zeros(2, 3, side, side)
    end = config["text_cfg"]["vocab_size"] - 1
    told = torch.tensor([[1, end] + [0] * (length - 2)] * 2)
    examples = ((IMAGE, "encode_image", shown), (TEXT, "encode_text", told))
    for name, tower, example in examples:
        # What was linked from another folder is not written through.
        (out / name).unlink(missing_ok=True)
        _write(_tower(model, tower), example, out / name)
        if int8:
            shrink(out / name)


def computed(path: Path) -> None:
    """Make a graph store *and* compute its matrices in int8: on a CPU three times as fast.

    ONNX Runtime's dynamic quantisation, a scale per column. It turns the vectors of a small network
    too far; those of CLIP's size bear it, and ``conversion`` lets in only what drifts little.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    aside = path.with_suffix(".int8")
    quantize_dynamic(
        path, aside, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
        weight_type=QuantType.QInt8,
    )  # fmt: skip
    aside.replace(path)


def _tower(model: Any, tower: str) -> Any:
    """Return a network whose call is one tower's: what is exported is always ``forward``."""
    model.forward = getattr(model, tower)
    return model


def _write(tower: Any, example: Any, path: Path) -> None:
    import torch

    fast = torch.backends.mha.get_fastpath_enabled()
    # ONNX has no operator for torch's fused attention (2.13).
    torch.backends.mha.set_fastpath_enabled(value=False)
    with warnings.catch_warnings():
        # The newer exporter (torch 2.9) wants one more package and takes twice as long.
        warnings.simplefilter("ignore", DeprecationWarning)
        # open_clip compares shapes in Python; they are the same for every picture.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        # The index of the end mark is never negative.
        warnings.filterwarnings("ignore", "Exporting aten::index", UserWarning)
        torch.onnx.export(
            tower, (example,), str(path), dynamo=False, opset_version=OPSET, input_names=["x"],
            output_names=["vectors"], dynamic_axes={"x": {0: "n"}, "vectors": {0: "n"}},
        )  # fmt: skip
    torch.backends.mha.set_fastpath_enabled(value=fast)
