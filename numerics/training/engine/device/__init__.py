"""The training step on a CUDA device: kernels in CUDA, products by cuBLAS, whole loops as CUDA graphs."""

from numerics.training.engine.device.contract import Device
from numerics.training.engine.device.cublas import Cublas, Precision
from numerics.training.engine.device.on_cupy import CuPyDevice, cupy_device
from numerics.training.engine.device.sampling import DeviceSampler
from numerics.training.engine.device.step import DeviceStep
from numerics.training.engine.device.updates import DeviceUpdates

__all__ = ["CuPyDevice", "Cublas", "Device", "DeviceSampler", "DeviceStep", "DeviceUpdates", "Precision", "cupy_device"]
