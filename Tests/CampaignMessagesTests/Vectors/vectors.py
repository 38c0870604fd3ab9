"""Writes vectors.tsv: envelopes of campaign.proto as Google's protobuf encodes them, behind the
checksum that Python's hashlib computes.

pip install grpcio-tools==1.62.3 && python3 vectors.py > vectors.tsv

Columns: within the bounds of the wire or outside, who sends it, its name in the tests, the bytes.
"""

import hashlib
import pathlib
import sys
import tempfile

from grpc_tools import protoc

proto = pathlib.Path(__file__).resolve().parents[3] / "proto"
generated = tempfile.mkdtemp()
assert protoc.main(["", f"-I{proto}", f"--python_out={generated}", "campaign.proto"]) == 0
sys.path.insert(0, generated)
import campaign_pb2 as wire  # noqa: E402


def digest(n):
    """32 bytes n, n + 1, ... modulo 256."""
    return bytes((n + i) % 256 for i in range(32))


def worker(**content):
    return wire.WorkerEnvelope(**content)


def coordinator(**content):
    return wire.CoordinatorEnvelope(**content)


def lease(**changes):
    fields = dict(id=1, input=0, image=digest(9), phase=wire.SELECTION, first_block=0,
                  block_count=1, samples=1)
    return wire.Lease(**(fields | changes))


def welcome(**changes):
    fields = dict(
        campaign=digest(1), model=digest(2), model_size=44_730_000, sigma=0.25,
        steps_per_unit=255, noise_key=digest(3), block_size=32, input_shape=[3, 32, 32],
        coordinate_width=1, class_count=10, fingerprint=b"onnxruntime 1.31.1 avx512 f32",
        known_answer=digest(4), known_noise=digest(6), heartbeat_milliseconds=1000)
    return coordinator(welcome=wire.Welcome(**(fields | changes)))


ENVELOPES = {
    "hello": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(range(16)), name="Zürich-7 ☃ 4711".encode(),
        fingerprint=b"onnxruntime 1.31.1 avx512 f32", sessions=2)),
    "hello of the farthest version": worker(hello=wire.Hello(
        protocol_version=2**31 - 1, worker=bytes([255] * 16), name=b"", fingerprint=b"",
        sessions=1024)),
    "ready": worker(ready=wire.Ready(
        campaign=digest(1), known_answer=digest(4), known_noise=digest(6), capacity=0)),
    "fetch": worker(fetch=wire.Fetch(blob=digest(5), offset=2**31, length=1 << 20)),
    "tally": worker(tally=wire.Tally(
        campaign=digest(1), lease=2**64 - 1, counts=[0, 127, 128, 16384, 2**40 - 16639],
        nanoseconds=2**53)),
    "failure": worker(failure=wire.LeaseFailure(
        campaign=digest(1), lease=300, reason="class 3 is NaN – stop".encode())),
    "worker heartbeat": worker(heartbeat=wire.WorkerHeartbeat(capacity=4096)),
    "worker heartbeat with leases": worker(heartbeat=wire.WorkerHeartbeat(
        capacity=2, leases=[1, 2**64 - 1])),
    "worker goodbye": worker(goodbye=wire.WorkerGoodbye()),
    "status request": worker(status_request=wire.StatusRequest()),
    "welcome": welcome(),
    "welcome with everything": welcome(
        model_size=2**31, sigma=5e-324, steps_per_unit=1 << 24, block_size=4096,
        input_shape=[1, 8192, 8192], coordinate_width=4,
        normalization=wire.Normalization(mean=[-0.0, 1.5], standard_deviation=[1e-45, 3.4e38],
                                         stride=1 << 26),
        output_name="Ausgänge".encode(), decision_threshold=-0.0, class_count=100_000,
        heartbeat_milliseconds=3_600_000),
    "refusal": coordinator(refusal=wire.Refusal(reason=b"too old", may_retry=False)),
    "refusal for now": coordinator(refusal=wire.Refusal(reason=b"", may_retry=True)),
    "piece": coordinator(piece=wire.PieceHeader(blob=digest(5), offset=2**31 - 3)),
    "grant": coordinator(grant=wire.Grant(leases=[
        lease(),
        lease(id=2**64 - 1, input=2**32 - 1, phase=wire.ESTIMATION, first_block=2**40,
              block_count=2**40, samples=2**40)])),
    "cancel": coordinator(cancel=wire.Cancel(leases=[1, 2**64 - 1])),
    "drain": coordinator(drain=wire.Drain()),
    "heartbeat": coordinator(heartbeat=wire.Heartbeat()),
    "introduce yourself": coordinator(introduce_yourself=wire.IntroduceYourself()),
    "goodbye": coordinator(goodbye=wire.Goodbye()),
    "status": coordinator(status=wire.Status(json='{"state":"läuft"}'.encode())),
}

# Messages that are well formed to protobuf and outside the bounds of the wire.
OUTSIDE = {
    "heartbeat with 4097 leases": worker(heartbeat=wire.WorkerHeartbeat(
        capacity=1, leases=[1] * 4097)),
    "heartbeat with lease 0": worker(heartbeat=wire.WorkerHeartbeat(capacity=1, leases=[0])),
    "capacity of 4097": worker(heartbeat=wire.WorkerHeartbeat(capacity=4097)),
    "no session": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(16), name=b"", fingerprint=b"", sessions=0)),
    "identity of 15 bytes": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(15), name=b"", fingerprint=b"", sessions=1)),
    "version of 2^31": worker(hello=wire.Hello(
        protocol_version=2**31, worker=bytes(16), name=b"", fingerprint=b"", sessions=1)),
    "name of 256 bytes": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(16), name=b"x" * 256, fingerprint=b"", sessions=1)),
    "name with an escape": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(16), name=b"\x1b[2J", fingerprint=b"", sessions=1)),
    "name with a NUL": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(16), name=b"a\0b", fingerprint=b"", sessions=1)),
    "name that is not UTF-8": worker(hello=wire.Hello(
        protocol_version=1, worker=bytes(16), name=b"\xc3", fingerprint=b"", sessions=1)),
    "digest of 31 bytes": worker(ready=wire.Ready(
        campaign=digest(1)[:31], known_answer=digest(2), known_noise=digest(2), capacity=1)),
    "piece of 0 bytes asked for": worker(fetch=wire.Fetch(blob=digest(1), offset=0, length=0)),
    "piece over 1 MiB asked for": worker(fetch=wire.Fetch(
        blob=digest(1), offset=0, length=(1 << 20) + 1)),
    "offset over 2^31": worker(fetch=wire.Fetch(blob=digest(1), offset=2**31 + 1, length=1)),
    "lease 0": worker(failure=wire.LeaseFailure(campaign=digest(1), lease=0, reason=b"")),
    "tally without classes": worker(tally=wire.Tally(
        campaign=digest(1), lease=1, counts=[], nanoseconds=0)),
    "tally of too many nanoseconds": worker(tally=wire.Tally(
        campaign=digest(1), lease=1, counts=[1] * 3, nanoseconds=2**53 + 1)),
    "count over 2^40": worker(tally=wire.Tally(
        campaign=digest(1), lease=1, counts=[2**40 + 1], nanoseconds=0)),
    "counts that add up to more than 2^40": worker(tally=wire.Tally(
        campaign=digest(1), lease=1, counts=[2**40, 1], nanoseconds=0)),
    "count of 2^64 - 1": worker(tally=wire.Tally(
        campaign=digest(1), lease=1, counts=[2**64 - 1, 2], nanoseconds=0)),
    "no message": wire.WorkerEnvelope(),
    "sigma 0": welcome(sigma=0.0),
    "sigma -1": welcome(sigma=-1.0),
    "sigma infinite": welcome(sigma=float("inf")),
    "sigma not a number": welcome(sigma=float("nan")),
    "model of 0 bytes": welcome(model_size=0),
    "model over 2 GiB": welcome(model_size=2**31 + 1),
    "grid of 0 steps": welcome(steps_per_unit=0),
    "grid over 2^24": welcome(steps_per_unit=2**24 + 1),
    "key of 33 bytes": welcome(noise_key=bytes(33)),
    "block of 0": welcome(block_size=0),
    "block of 4097": welcome(block_size=4097),
    "no axis": welcome(input_shape=[]),
    "nine axes": welcome(input_shape=[1] * 9),
    "axis of 0": welcome(input_shape=[3, 0]),
    "too many coordinates": welcome(input_shape=[1 << 26, 2]),
    "product that wraps around": welcome(input_shape=[1 << 26] * 8),
    "width of 2": welcome(coordinate_width=2),
    "no class": welcome(class_count=0),
    "too many classes": welcome(class_count=100_001),
    "deviation of 0": welcome(normalization=wire.Normalization(
        mean=[0], standard_deviation=[0], stride=1)),
    "mean without a deviation": welcome(normalization=wire.Normalization(
        mean=[0, 0], standard_deviation=[1], stride=1)),
    "mean not a number": welcome(normalization=wire.Normalization(
        mean=[float("nan")], standard_deviation=[1], stride=1)),
    "stride of 0": welcome(normalization=wire.Normalization(
        mean=[0], standard_deviation=[1], stride=0)),
    "no channel": welcome(normalization=wire.Normalization(
        mean=[], standard_deviation=[], stride=1)),
    "threshold infinite": welcome(decision_threshold=float("inf")),
    "silence of 0 ms": welcome(heartbeat_milliseconds=0),
    "reason of 1001 bytes": coordinator(refusal=wire.Refusal(reason=b"x" * 1001, may_retry=True)),
    "status over 256 KiB": coordinator(status=wire.Status(json=b"x" * (2**18 + 1))),
    "empty grant": coordinator(grant=wire.Grant()),
    "empty cancellation": coordinator(cancel=wire.Cancel()),
    "lease of 0 blocks": coordinator(grant=wire.Grant(leases=[lease(block_count=0)])),
    "fewer samples than blocks": coordinator(grant=wire.Grant(leases=[lease(block_count=2)])),
    "more samples than blocks hold": coordinator(grant=wire.Grant(leases=[lease(samples=4097)])),
    "first block over 2^40": coordinator(grant=wire.Grant(leases=[lease(first_block=2**40 + 1)])),
}


for verdict, envelopes in (("inside", ENVELOPES), ("outside", OUTSIDE)):
    for name, envelope in envelopes.items():
        side = "worker" if isinstance(envelope, wire.WorkerEnvelope) else "coordinator"
        encoded = envelope.SerializeToString()
        frame = hashlib.blake2b(encoded, digest_size=16).digest() + encoded
        print(verdict, side, name, frame.hex(), sep="\t")
