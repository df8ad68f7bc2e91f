"""A fault that matched a call: the delay that it draws."""

from mockserver.sandbox.faults import Fault, FaultHit


def test_a_log_normal_delay_has_its_median_and_repeats() -> None:
    fault = Fault(kind="delay", delay_ms=200, sigma=0.5)
    pauses = sorted(FaultHit("f1", fault, number).pause() for number in range(1, 1001))
    assert pauses == sorted(FaultHit("f1", fault, number).pause() for number in range(1, 1001))
    assert 0.18 < pauses[500] < 0.22
    # One standard deviation up and down, in the logarithm: 200 ms times and through 1.65.
    assert 0.11 < pauses[159] < 0.14
    assert 0.29 < pauses[841] < 0.37
    assert FaultHit("f1", Fault(kind="delay", delay_ms=3_600_000, sigma=4.0), 3).pause() <= 3600
    assert FaultHit("f1", Fault(kind="delay", delay_ms=70), 1).pause() == 0.07
