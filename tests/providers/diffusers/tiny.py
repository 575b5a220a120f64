"""A whole Stable Diffusion of a few megabytes with random weights, made in seconds, no download."""

import json
import string
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.utils import convert_state_dict_to_diffusers
from peft import LoraConfig, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

WIDTH = 32
"""Of the text encoder's states, and so of cross attention."""
SEEN = 16
"""Of what the image encoder says."""
SPECIAL = ("<|startoftext|>", "<pad>", "<|endoftext|>")


@dataclass(frozen=True)
class Tiny:
    """Where it lies."""

    folder: Path

    @property
    def model(self) -> str:
        return str(self.folder / "model")

    @property
    def controlnet(self) -> str:
        return str(self.folder / "controlnet")

    @property
    def adapter(self) -> str:
        return str(self.folder / "adapter" / "tiny.safetensors")


def make(folder: Path) -> Tiny:
    """Write the model, a ControlNet, two LoRA and an IP-Adapter under *folder*."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        unet = _unet()
        _pipeline(folder / "tokenizer-source", unet).save_pretrained(folder / "model")
        _controlnet(unet).save_pretrained(folder / "controlnet")
        _save_adapter(folder / "adapter", unet)
        _save_lora(folder / "fox", unet)
        (folder / "fox" / "pytorch_lora_weights.safetensors").rename(folder / "fox.safetensors")
    return Tiny(folder)


def _unet() -> Any:
    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
    )


def _pipeline(words: Path, unet: Any) -> Any:
    vae = AutoencoderKL(
        block_out_channels=[32, 64],
        in_channels=3,
        out_channels=3,
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
    )
    text = CLIPTextConfig(
        hidden_size=WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=1000,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
    )
    return StableDiffusionPipeline(
        vae=vae,
        text_encoder=CLIPTextModel(text),
        tokenizer=_tokenizer(words),
        unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _tokenizer(folder: Path) -> Any:
    """Return a tokenizer that knows single printable characters."""
    folder.mkdir(parents=True)
    signs = [sign for sign in string.printable if not sign.isspace()]
    words = [*SPECIAL, *signs, *(f"{sign}</w>" for sign in signs)]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}))
    merges.write_text("#version: 0.2\n")
    return CLIPTokenizer(vocab=str(vocabulary), merges=str(merges), model_max_length=77)


def _controlnet(unet: Any) -> Any:
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(16, 32))
    for block in (*net.controlnet_down_blocks, net.controlnet_mid_block):
        torch.nn.init.normal_(block.weight, std=0.5)  # a fresh one is zero, and acts on nothing
    torch.nn.init.normal_(net.controlnet_cond_embedding.conv_out.weight, std=0.5)
    return net


def _save_lora(folder: Path, unet: Any) -> None:
    parts = ["to_q", "to_k", "to_v", "to_out.0"]
    unet.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=parts, init_lora_weights=False))
    layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
    layers = {name: weights * 4 for name, weights in layers.items()}
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=layers)


def _save_adapter(folder: Path, unet: Any) -> None:
    seeing = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        image_size=32,
        patch_size=8,
        projection_dim=SEEN,
    )
    CLIPVisionModelWithProjection(seeing).save_pretrained(folder / "image_encoder")
    weights = {
        "image_proj.proj.weight": torch.randn(4 * WIDTH, SEEN),
        "image_proj.proj.bias": torch.zeros(4 * WIDTH),
        "image_proj.norm.weight": torch.ones(WIDTH),
        "image_proj.norm.bias": torch.zeros(WIDTH),
    }
    crossing = [name for name in unet.attn_processors if "attn2" in name]
    for number, name in enumerate(crossing):
        wide = unet.get_submodule(name.removesuffix(".processor")).to_k.weight.shape[0]
        for part in ("to_k_ip", "to_v_ip"):
            weights[f"ip_adapter.{2 * number + 1}.{part}.weight"] = torch.randn(wide, WIDTH)
    save_file(weights, str(folder / "tiny.safetensors"))
