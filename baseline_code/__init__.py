"""The ResNet classification core that every encoder of the detector comes from."""
