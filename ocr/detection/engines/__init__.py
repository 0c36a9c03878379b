"""What runs a network: onnxruntime, OpenVINO or torch, each imported only where it is used."""
