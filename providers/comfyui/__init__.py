"""The one door to a ComfyUI server, one's own or on Modal: any exported workflow is a model."""
