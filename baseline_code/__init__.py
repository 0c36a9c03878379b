"""The ResNet classification core and the ground that trainers stand on."""
