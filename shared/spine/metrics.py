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
        labels = ["service"]
        sent = CounterMetricFamily("liaison_relay_events", "Events sent to the log", labels=labels)
        held = GaugeMetricFamily("liaison_relay_lease", "1 where this replica relays", labels=labels)
        worked = CounterMetricFamily("liaison_consumer_messages", "Messages worked", labels=labels)
        lag = GaugeMetricFamily("liaison_consumer_lag", "Messages on the log not worked yet", labels=labels)
        commands = CounterMetricFamily("liaison_store_commands", "Commands answered", labels=labels)
        groups = CounterMetricFamily("liaison_store_groups", "Transactions that commands shared", labels=labels)
        for service in self.services:
            name = [service.name]
            sent.add_metric(name, service.relay.sent)
            held.add_metric(name, float(service.relay.lease.held))
            commands.add_metric(name, service.grouping.commands)
            groups.add_metric(name, service.grouping.groups)
            if service.consumer:
                worked.add_metric(name, service.consumer.worked)
                lag.add_metric(name, service.consumer.lag())
        return [sent, held, worked, lag, commands, groups]
