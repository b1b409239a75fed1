"""What Prometheus reads of a service's spine."""

from collections.abc import Iterable
from typing import ClassVar
from weakref import WeakSet

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from .service import Service


class Metrics(Collector):
    """One collector for all services of the process."""

    services: ClassVar[WeakSet[Service]] = WeakSet()
    _registered = False

    @classmethod
    def register(cls, service: Service) -> None:
        cls.services.add(service)
        if not cls._registered:
            REGISTRY.register(cls())
            cls._registered = True

    def collect(self) -> Iterable[Metric]:
        families = _Families()
        for service in self.services:
            _relay(service, families)
            _consumer(service, families)
            _store(service, families)
            _sampled(service, families)
        return families.all.values()


class _Families:
    def __init__(self) -> None:
        self.all: dict[str, Metric] = {}

    def gauge(self, name: str, says: str, value: float, **labels: str) -> None:
        self._add(GaugeMetricFamily, name, says, value, labels)

    def counter(self, name: str, says: str, value: float, **labels: str) -> None:
        self._add(CounterMetricFamily, name, says, value, labels)

    def _add(
        self,
        family: type[GaugeMetricFamily] | type[CounterMetricFamily],
        name: str,
        says: str,
        value: float,
        labels: dict[str, str],
    ) -> None:
        found = self.all.setdefault(name, family(name, says, labels=list(labels)))
        assert isinstance(found, GaugeMetricFamily | CounterMetricFamily)
        found.add_metric(list(labels.values()), value)


def _relay(service: Service, to: _Families) -> None:
    name, relay = service.name, service.relay
    to.counter("liaison_relay_events", "Events sent to the log", relay.sent, service=name)
    to.gauge("liaison_relay_lease", "1 where this replica relays", float(relay.lease.held), service=name)
    to.gauge("liaison_relay_failing", "1 where the relay fails and tries again", bool(relay.failing), service=name)
    if (behind := relay.behind_s) is not None:
        says = "Seconds since the log last had all that was stored"
        to.gauge("liaison_relay_behind_seconds", says, behind, service=name)


def _consumer(service: Service, to: _Families) -> None:
    name, consumer = service.name, service.consumer
    if consumer is None:
        return
    to.counter("liaison_consumer_messages", "Messages worked", consumer.worked, service=name)
    to.gauge("liaison_consumer_lag", "Messages on the log not worked yet", consumer.lag(), service=name)
    to.gauge("liaison_consumer_partitions", "Partitions that this replica reads", len(consumer.cursor), service=name)
    says = "1 where batches are worked again and again"
    to.gauge("liaison_consumer_failing", says, bool(consumer.failing), service=name)


def _store(service: Service, to: _Families) -> None:
    name, grouping = service.name, service.grouping
    to.counter("liaison_store_commands", "Commands answered", grouping.commands, service=name)
    to.counter("liaison_store_groups", "Transactions that commands shared", grouping.groups, service=name)
    for (command, outcome), count in sorted(grouping.outcomes.items()):
        says = "Commands by what became of them"
        to.counter("liaison_commands", says, count, service=name, command=command, outcome=outcome)


def _sampled(service: Service, to: _Families) -> None:
    """The same on every replica: take the maximum, never the sum."""
    name, sampled = service.name, service.sampled
    for status, count in sampled.dead.items():
        says = "Messages that could not be worked, and those parked behind them"
        to.gauge("liaison_dead_letters", says, count, service=name, status=status)
    to.gauge("liaison_parked_streams", "Streams that wait behind one", sampled.parked_streams, service=name)
    to.gauge("liaison_deadlines_overdue", "Deadlines that should have fired", sampled.overdue, service=name)
    for state, count in sampled.letters.items():
        to.gauge("liaison_outbox_letters", "Letters that did not go out", count, service=name, state=state)
    says = "Age of the oldest letter that waits"
    to.gauge("liaison_outbox_oldest_seconds", says, sampled.oldest_letter_s, service=name)
