"""Supervised training that never leaves the device: data, steps and updates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numerics.backend import Backend
from numerics.memory_estimates import device_replica_bytes
from numerics.streams import Streams
from numerics.training.descent import Progress, Tracker, in_chunks
from numerics.training.engine.contract import StepShape
from numerics.training.engine.device.contract import Device
from numerics.training.engine.device.loop import DeviceLoop, Work
from numerics.training.engine.device.sampling import DeviceSampler
from numerics.training.engine.device.step import DeviceStep
from numerics.training.engine.device.updates import DeviceUpdates
from numerics.training.initial import initial_parameters
from numerics.training.plan import SupervisedPlan
from numerics.training.record import Recorder, SupervisedRecord, join_records


@dataclass(frozen=True, eq=False)
class DeviceRun:
    """A run whose data were drawn on the device.

    Attributes
    ----------
    record : SupervisedRecord
        The networks, with their history.
    replicas_at_once : int
        Number of networks that were trained together.
    sampling : {"device"}
        The place where the data were drawn; a run on the host has other data.
    """

    record: SupervisedRecord
    replicas_at_once: int
    sampling: Literal["device"] = "device"


def train_on_device(
    plan: SupervisedPlan,
    streams: Streams,
    replicas: int,
    device: Device,
    backend: Backend,
    *,
    progress: Progress | None = None,
    share_of_memory: float = 0.5,
    first: int = 0,
) -> DeviceRun:
    """Return `replicas` networks trained by `plan`, with their history, from data drawn on the device.

    Parameters
    ----------
    plan : SupervisedPlan
        The data, the network, the attack and the optimiser; the gate must be its activation.
    streams : Streams
        Replica ``k`` draws from ``streams.child(str(first + k))`` alone, so its run does not depend on `replicas`.
    replicas : int
        Number of networks, at least 1.
    device : Device
        The device that computes, at the dtype of the plan.
    backend : Backend
        The backend of the arrays of that device.
    progress : callable, optional
        Called with the number of updates that are done and the number of all updates.
    share_of_memory : float
        Share of the free memory, in (0, 1], into which the replicas that are trained together must fit; at least one
        is trained at a time.
    first : int
        Number of the first replica: a long run may train its replicas in several calls.

    Raises
    ------
    ValueError
        If an argument is outside the range above.
    """
    if plan.activation != "gate":
        raise ValueError(f"activation is {plan.activation!r}; expected 'gate', which kernels exist for")
    if not 0 < share_of_memory <= 1:
        raise ValueError(f"share_of_memory is {share_of_memory}; expected a number in (0, 1]")

    def train_together(chunk: list[Streams], tracker: Tracker) -> SupervisedRecord:
        return _train_together(plan, chunk, device, backend, tracker)

    size = max(1, min(replicas, int(share_of_memory * device.free_bytes()) // device_replica_bytes(plan)))
    return DeviceRun(join_records(in_chunks(train_together, plan, streams, replicas, size, progress, first)), size)


def _train_together(
    plan: SupervisedPlan, streams: list[Streams], device: Device, backend: Backend, tracker: Tracker
) -> SupervisedRecord:
    shape = StepShape(len(streams), plan.law.d, plan.hidden, plan.batch, plan.dtype)
    parameters = initial_parameters(plan, streams, backend)
    recorder = Recorder(plan, backend, {name: x.copy() for name, x in parameters.items()})
    step = DeviceStep(device, shape, plan.b, plan.training_attack)
    work = Work(DeviceSampler(device, plan, streams), step, DeviceUpdates(device, plan, parameters))
    batch = device.empty((shape.replicas, shape.batch, shape.d)), device.empty((shape.replicas, shape.batch))
    loop = DeviceLoop(device, work, parameters, batch)
    for start in range(0, plan.steps, plan.record_every):
        updates = min(plan.record_every, plan.steps - start)
        # Measuring repeats a step that the loop makes anyway: counters draw the same data twice.
        outcome = step.gradients(parameters, *loop.draw())
        recorder.add(start, parameters, batch, outcome)
        loop.advance(updates)
        tracker.advance(updates)
    return recorder.finish(parameters)
