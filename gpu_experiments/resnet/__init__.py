"""ResNet-18 for small images in PyTorch (extra `deep`): pre-training, heads, and the model that the ladder attacks.

`plan` and `available` import without PyTorch; every other file needs it.
"""
