"""The stacks on AWS: clean to cfn-lint, no right wider than its use, no path in a log, no alarm unexplained."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.decode import decode

from infra.dynamodb.design import EXPIRES, table_request

ROOT = Path(__file__).parents[2]
MAIN, SES = ROOT / "infra" / "template.yaml", ROOT / "infra" / "template_ses.yaml"
Template = dict[str, Any]
Statement = Mapping[str, Any]


def read(path: Path) -> Template:
    template, problems = decode(str(path))
    assert not problems
    found: Template = json.loads(json.dumps(template))
    return found


@pytest.fixture(scope="module")
def stacks() -> list[Template]:
    return [read(MAIN), read(SES)]


def resources(stacks: list[Template], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for stack in stacks:
        for name, resource in stack["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})


def statements(found: object) -> Iterator[Statement]:
    """Every statement of every policy, wherever it stands."""
    if isinstance(found, dict):
        if "Effect" in found and "Action" in found:
            yield found
        for value in found.values():
            yield from statements(value)
    elif isinstance(found, list):
        for value in found:
            yield from statements(value)


_WIDE = re.compile(r"\*|Delete|Scan|Pass|Admin")


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def too_wide(stacks: list[Template]) -> list[str]:
    """What is allowed beyond its use: a wildcard action, a resource that is everything, a deletion, a scan."""
    faults = []
    for statement in statements(stacks):
        if statement["Effect"] != "Allow":
            continue
        faults += [action for action in map(str, listed(statement["Action"])) if _WIDE.search(action)]
        for resource in listed(statement.get("Resource", [])):
            text = resource if isinstance(resource, str) else str(next(iter(resource.values())))
            if text == "*" or re.fullmatch(r"arn:[^*]*:\*", text):
                faults.append(f"{statement['Action']} on {text}")
        if "NotAction" in statement or "NotResource" in statement:
            faults.append("NotAction or NotResource")
    return faults


@pytest.mark.parametrize(("path", "regions"), [(MAIN, ["ap-southeast-1", "cn-northwest-1"]), (SES, ["ap-southeast-1"])])
def test_cfn_lint_has_no_finding(path: Path, regions: list[str]) -> None:
    found = lint(path.read_text(encoding="utf-8"), config=ManualArgs(regions=regions))
    assert [f"{match.rule.id} line {match.linenumber}: {match.message}" for match in found] == []


def test_no_right_is_wider_than_its_use(stacks: list[Template]) -> None:
    assert too_wide(stacks) == []
    assert len([s for s in statements(stacks) if s["Effect"] == "Allow"]) > 10


@pytest.mark.parametrize(
    "wide",
    [
        {"Effect": "Allow", "Action": "dynamodb:*", "Resource": {"Fn::GetAtt": "Table.Arn"}},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}},
        {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"},
        {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": ["arn:aws:ses:::x", {"Fn::Sub": "arn:aws:ses:*"}]},
        {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": {"Fn::Sub": "${Bucket.Arn}/*"}},
        {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": {"Fn::GetAtt": "Table.Arn"}},
    ],
    ids=lambda wide: str(wide["Action"]),
)
def test_a_wildcard_that_is_added_is_found(stacks: list[Template], wide: dict[str, Any]) -> None:
    changed = copy.deepcopy(stacks)
    policy = changed[0]["Resources"]["FunctionRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    policy["Statement"].append(wide)
    assert too_wide(changed) != []


def test_what_is_collected_lasts(stacks: list[Template]) -> None:
    (_, table), (_, bucket) = *resources(stacks, "AWS::DynamoDB::Table"), *resources(stacks, "AWS::S3::Bucket")
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    own_key = {"Fn::If": ["OwnKey", {"Ref": "KeyArn"}, {"Ref": "AWS::NoValue"}]}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": own_key}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    for name in ("Table", "Bucket"):
        assert stacks[0]["Resources"][name]["DeletionPolicy"] == "Retain"
        assert stacks[0]["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_the_table_of_the_stack_is_the_one_the_store_is_written_for(stacks: list[Template]) -> None:
    ((_, table),) = resources(stacks, "AWS::DynamoDB::Table")
    for name, wanted in table_request("any").items():
        if name != "TableName":
            assert table[name] == wanted, name
    assert table["TimeToLiveSpecification"] == {"AttributeName": EXPIRES, "Enabled": True}


def test_nothing_expires_before_the_law_lets_it(stacks: list[Template]) -> None:
    """Originals are kept at least 2 years, summaries at least 10; current objects never expire."""
    ((_, bucket),) = resources(stacks, "AWS::S3::Bucket")
    rules = bucket["LifecycleConfiguration"]["Rules"]
    kept = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules if "NoncurrentVersionExpiration" in rule
    ]
    assert min(kept) >= 10 * 365
    assert not [rule for rule in rules if "ExpirationInDays" in rule or "ExpirationDate" in rule]


def test_nothing_keeps_the_paths_of_links(stacks: list[Template]) -> None:
    for _, stage in resources(stacks, "AWS::ApiGatewayV2::Stage"):
        assert "AccessLogSettings" not in stage
        assert "LoggingLevel" not in stage.get("DefaultRouteSettings", {})
    assert all("RetentionInDays" in log for _, log in resources(stacks, "AWS::Logs::LogGroup"))
    assert len(list(resources(stacks, "AWS::Logs::LogGroup"))) == 2


def test_a_letter_is_not_rewritten_on_its_way(stacks: list[Template]) -> None:
    for _, destination in resources(stacks, "AWS::SES::ConfigurationSetEventDestination"):
        assert not {"open", "click"} & set(destination["EventDestination"]["MatchingEventTypes"])


def test_every_name_is_built_from_the_partition() -> None:
    for path in (MAIN, SES):
        assert re.findall(r"arn:aws\b", path.read_text(encoding="utf-8")) == []


def test_every_alarm_tells_somebody_and_has_its_page(stacks: list[Template]) -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    alarms = list(resources(stacks, "AWS::CloudWatch::Alarm"))
    assert len(alarms) >= 8
    for name, alarm in alarms:
        assert f"\n## {name}\n" in runbook, name
        assert alarm["AlarmDescription"].endswith(f"runbook: {name}")
        assert alarm["AlarmActions"]


def test_every_measure_that_rings_is_one_the_functions_put(stacks: list[Template]) -> None:
    ours = {
        found["MetricName"]
        for _, alarm in resources(stacks, "AWS::CloudWatch::Alarm")
        for found in [alarm, *(m["MetricStat"]["Metric"] for m in alarm.get("Metrics", []) if "MetricStat" in m)]
        if found.get("Namespace") == "Zhibao"
    }
    code = (ROOT / "handlers" / "lambda_sweep.py").read_text(encoding="utf-8")
    assert ours == {"OldestUnsentSeconds", "LettersBounced", "ReturnsSent", "OpenCollections"}
    assert all(f'"{name}"' in code for name in ours)


def test_the_schedule_sends_what_the_function_knows(stacks: list[Template]) -> None:
    from handlers.lambda_sweep import is_sweep

    (rule,) = (rule for _, rule in resources(stacks, "AWS::Events::Rule") if "ScheduleExpression" in rule)
    assert is_sweep(json.loads(rule["Targets"][0]["Input"]))


def test_the_stages_of_zappa_use_the_roles_and_settings_of_the_stack(stacks: list[Template]) -> None:
    stages = json.loads((ROOT / "zappa_settings.json").read_text(encoding="utf-8"))
    roles = {role["RoleName"]["Fn::Sub"] for _, role in resources(stacks, "AWS::IAM::Role")}
    allowed = set(stacks[0]["Parameters"]["Stage"]["AllowedValues"])
    assert {"dev", "production", "production_tables", "china"} <= set(stages)
    for name, stage in stages.items():
        if name == "base":
            continue
        stack = name.removesuffix("_tables")
        assert stack in allowed
        assert stage["role_name"] in {role.replace("${Stage}", stack) for role in roles}
        inherited = {**stages["base"], **stages.get(stage["extends"], {}), **stage}
        assert inherited["aws_environment_variables"] == {"ZHIBAO_PARAMETERS": f"/zhibao/{stack}"}
        assert (inherited["manage_roles"], inherited["debug"], inherited["keep_warm"]) == (False, False, False)
        assert inherited["lambda_handler"].startswith("handlers.lambda_")
        assert "environment_variables" not in inherited
