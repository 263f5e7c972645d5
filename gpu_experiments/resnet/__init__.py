"""ResNet-18 for small images in PyTorch (extra `deep`): pre-training, heads, and the model that is attacked.

`plan` and `available` import without PyTorch; every other file needs it.
"""
