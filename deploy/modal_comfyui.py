"""ComfyUI on Modal: one GPU that sleeps when nobody asks, behind Modal's own proxy keys.

    pip install modal==1.6.4 && modal setup
    modal deploy deploy/modal_comfyui.py

``modal deploy`` prints the address for COMFYUI_URL; docs/providers/modal.md has the rest. Written
for modal 1.6.4, which is not among the dependencies: only whoever deploys needs it.
"""

import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import modal

GPU = "L40S"  # 48 GB: SDXL with three ControlNets fits; an "A10" is cheaper and slower
PORT = 8188
MODELS = Path("/models")
START_S = 120
"""How long ComfyUI itself may take; pulling the image comes before that."""
IDLE_S = 300
"""How long the machine stays after the last call: longer costs more, shorter wakes more often."""
ADDRESS = f"http://127.0.0.1:{PORT}/system_stats"
FOLDERS = ("checkpoints", "loras", "controlnet", "vae", "text_encoders", "diffusion_models")

image = (
    modal.Image.debian_slim(python_version="3.11")
    .apt_install("git")
    .uv_pip_install("comfy-cli==1.23.0")
    .run_commands(
        "comfy --skip-prompt install --fast-deps --nvidia",
        # For comfyui:sdxl-photo-control; leave it out if you do not use that workflow.
        "comfy node install comfyui_controlnet_aux",
    )
)
app = modal.App("ai-handler-comfyui", image=image)
models = modal.Volume.from_name("comfyui-models", create_if_missing=True)


def _point_to_the_volume() -> None:
    """Let ComfyUI look for models on the volume, which outlives the machine."""
    lines = ["modal:", f"  base_path: {MODELS}", *(f"  {name}: {name}/" for name in FOLDERS)]
    Path("/root/extra_model_paths.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _wait_until_it_answers() -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(ADDRESS, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise TimeoutError(f"ComfyUI did not answer within {START_S} s")


# One container only: the queue and the history of jobs live inside it, so a second one would not
# know the first one's jobs. More speed is a larger GPU, or a second app with an address of its own.
@app.cls(
    gpu=GPU,
    volumes={str(MODELS): models},
    min_containers=0,
    max_containers=1,
    scaledown_window=IDLE_S,
    timeout=1200,
    startup_timeout=600,
)
@modal.concurrent(max_inputs=50)  # short calls, and one websocket for each image under way
class ComfyUI:
    """The server, as it is started on a fresh machine."""

    @modal.enter()
    def start(self) -> None:
        """Start ComfyUI and return once it answers: until then calls wait at Modal."""
        _point_to_the_volume()
        extra = "--extra-model-paths-config /root/extra_model_paths.yaml"
        command = f"comfy launch -- --listen 0.0.0.0 --port {PORT} {extra}"
        self.process = subprocess.Popen(command.split())  # noqa: S603 -- our own words
        _wait_until_it_answers()

    @modal.web_server(PORT, startup_timeout=START_S, requires_proxy_auth=True)
    def api(self) -> None:
        """Hand every call to ComfyUI, if it brings Modal-Key and Modal-Secret."""

    @modal.exit()
    def stop(self) -> None:
        """End ComfyUI with the machine."""
        self.process.terminate()


@app.function(volumes={str(MODELS): models}, timeout=3600)
def download(address: str, folder: str, name: str) -> None:
    """Put a model's file onto the volume.

    ``modal run deploy/modal_comfyui.py::download --address https://… --folder loras --name x.pt``
    """
    if not address.startswith("https://") or folder not in FOLDERS or Path(name).name != name:
        raise ValueError(f"an https address, one of {', '.join(FOLDERS)}, and a bare name")
    target = MODELS / folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with urllib.request.urlopen(address) as source, unfinished.open("wb") as file:  # noqa: S310
        while chunk := source.read(1024 * 1024):
            file.write(chunk)
    unfinished.replace(target)
    models.commit()
