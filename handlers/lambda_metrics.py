"""Measures of the functions, in the embedded metric format: a line in the log that CloudWatch reads as figures."""

import os
from collections.abc import Mapping

NAMESPACE = "Zhibao"
"""The alarms and the dashboard of infra/template.yaml read it."""


def put(measures: Mapping[str, float]) -> None:
    """Write one set of measures of this function. `…Seconds` is a time, all else a count."""
    from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

    metrics = EphemeralMetrics(namespace=NAMESPACE, service="zhibao")
    metrics.add_dimension("function", os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"))
    for name, value in measures.items():
        metrics.add_metric(name, MetricUnit.Seconds if name.endswith("Seconds") else MetricUnit.Count, value)
    metrics.flush_metrics()
