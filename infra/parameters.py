"""Settings and secrets of a stage from the parameter store of AWS: read once, while the function starts.

`ZHIBAO_PARAMETERS=/zhibao/production` names a path; the parameter `/zhibao/production/secret_keys` (a SecureString)
stands for `ZHIBAO_SECRET_KEYS`. A variable of the environment goes before a parameter of the same name.
"""

from collections.abc import Mapping

PATH_SETTING = "ZHIBAO_PARAMETERS"


def with_parameters(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, completed from the parameters where it names a path. Raises botocore's errors in an outage."""
    path = environment.get(PATH_SETTING, "")
    if not path:
        return environment
    from aws_lambda_powertools.utilities import parameters

    found = parameters.get_parameters(path, decrypt=True, recursive=False)
    return {**{f"ZHIBAO_{name.upper()}": str(value) for name, value in found.items()}, **environment}
