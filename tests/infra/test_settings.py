"""The settings: every one read, every wrong value named, and a key file that is made once."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.bootstrap import object_store, store_of
from infra.dynamodb.store import DynamoStore
from infra.settings import (
    DEMO_MARK,
    FUNCTION_MARK,
    MIN_KEY_LENGTH,
    Aws,
    Settings,
    SettingsError,
    Smtp,
    make_home,
    read_settings,
)

KEY, OLD = "k" * MIN_KEY_LENGTH, "o" * MIN_KEY_LENGTH
AUDIT = "A" * 43 + "="


def read(home: Path, **more: str) -> Settings:
    return read_settings({"ZHIBAO_HOME": str(home), **{f"ZHIBAO_{name}": value for name, value in more.items()}})


def test_without_any_setting_the_defaults_of_the_public_interface_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_settings({"PATH": "/bin", "HOME": "/nowhere"}) == Settings(
        home=Path("var"),
        base_url="http://127.0.0.1:8000",
        secret_keys=(),
        store="sqlite",
        objects="files",
        mail="maildir",
        mail_from="zhibao@zhibao.example",
        review_confirm="device",
        smtp=Smtp("", 587, "starttls", "", ""),
        audit_key="",
        aws=Aws(partition="aws", table="", bucket="", kms_key="", ses_configuration_set="", tables_function=""),
    )


def test_every_setting_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        BASE_URL="https://tongji.example:8443/",
        SECRET_KEYS=f"{KEY} {OLD}",
        STORE="dynamodb",
        OBJECTS="s3",
        MAIL="smtp",
        MAIL_FROM="stats@tongji.example",
        REVIEW_CONFIRM="link",
        AUDIT_KEY=AUDIT,
        SMTP_HOST="relay.example",
        SMTP_PORT="465",
        SMTP_SECURITY="tls",
        SMTP_USER="clerk",
        SMTP_PASSWORD="p w",
        PARTITION="aws-cn",
        TABLE="zhibao-production",
        BUCKET="zhibao-objects",
        KMS_KEY="alias/zhibao",
        SES_CONFIGURATION_SET="zhibao",
        TABLES_FUNCTION="zhibao-production-tables",
    )
    assert found == Settings(
        home=tmp_path,
        base_url="https://tongji.example:8443",
        secret_keys=(KEY, OLD),
        store="dynamodb",
        objects="s3",
        mail="smtp",
        mail_from="stats@tongji.example",
        review_confirm="link",
        smtp=Smtp("relay.example", 465, "tls", "clerk", "p w"),
        audit_key=AUDIT,
        aws=Aws("aws-cn", "zhibao-production", "zhibao-objects", "alias/zhibao", "zhibao", "zhibao-production-tables"),
    )


WRONG = {
    "AUDIT_KEY": ["short", "A" * 40, "A" * 42 + "é=", "!" * 44],
    "BASE_URL": [
        "",
        "127.0.0.1:8000",
        "ftp://x",
        "http://",
        "http://x/?q=1",
        "http://x/#f",
        "http://x:port",
        "http://[::1",
        "http://x:99999",
        "http://x y",
        "http://x\n",
        "http://:80",
    ],
    "SECRET_KEYS": ["short", f"{KEY} short"],
    "STORE": ["postgres", ""],
    "OBJECTS": ["s3x", ""],
    "MAIL": ["pigeon", ""],
    "MAIL_FROM": [
        "",
        "nobody",
        "@x.example",
        "a@",
        "a@b@c",
        "a b@x.example",
        "统计@x.example",
        "a@x.example\nBcc: b@x.example",
    ],
    "REVIEW_CONFIRM": ["never", ""],
    "SMTP_PORT": ["0", "65536", "abc", "", "25.5"],
    "SMTP_SECURITY": ["ssl", ""],
    "PARTITION": ["aws-us-gov", "cn", ""],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, **{name: value})
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [f"ZHIBAO_{name}"]


def test_all_wrong_values_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, STORE="x", MAIL="y", SMTP_PORT="z", SECRET_KEYS="short")
    named = {line.partition(":")[0] for line in str(caught.value).splitlines()}
    assert named == {"ZHIBAO_STORE", "ZHIBAO_MAIL", "ZHIBAO_SMTP_PORT", "ZHIBAO_SECRET_KEYS"}


def test_a_wrong_secret_is_named_and_never_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, SECRET_KEYS="hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(SettingsError, match="ZHIBAO_HOME"):
        read(path)
    with pytest.raises(SettingsError, match="ZHIBAO_HOME"):
        read_settings({"ZHIBAO_HOME": ""})


def test_mail_by_smtp_needs_a_host(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ZHIBAO_SMTP_HOST"):
        read(tmp_path, MAIL="smtp")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"STORE": "dynamodb"}, ["ZHIBAO_TABLE"]),
        ({"OBJECTS": "s3"}, ["ZHIBAO_BUCKET"]),
        ({"STORE": "dynamodb", "OBJECTS": "s3", "MAIL": "smtp"}, ["ZHIBAO_TABLE", "ZHIBAO_BUCKET", "ZHIBAO_SMTP_HOST"]),
        ({"MAIL": "ses", "PARTITION": "aws-cn"}, ["ZHIBAO_MAIL"]),
    ],
)
def test_what_a_ground_needs_is_named_when_it_is_missing(
    tmp_path: Path, given: dict[str, str], missing: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, **given)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == missing


def test_a_function_refuses_what_would_be_lost_with_it(tmp_path: Path) -> None:
    function = {"ZHIBAO_HOME": str(tmp_path), FUNCTION_MARK: "zhibao-production"}
    with pytest.raises(SettingsError) as caught:
        read_settings(function)
    named = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert named == ["ZHIBAO_STORE", "ZHIBAO_OBJECTS", "ZHIBAO_MAIL", "ZHIBAO_SECRET_KEYS"]
    ground = {"STORE": "dynamodb", "TABLE": "t", "OBJECTS": "s3", "BUCKET": "b", "MAIL": "ses", "SECRET_KEYS": KEY}
    assert read_settings({**function, **{f"ZHIBAO_{name}": value for name, value in ground.items()}}).mail == "ses"


def test_the_store_on_dynamodb_is_the_table_that_is_named(tmp_path: Path) -> None:
    settings = read(tmp_path, STORE="dynamodb", TABLE="t", OBJECTS="s3", BUCKET="b", SECRET_KEYS=KEY)
    objects = object_store(settings)
    store = store_of(settings, objects)
    assert isinstance(store, DynamoStore)
    assert (store.name, store.objects) == ("t", objects)


def test_cookies_are_secure_only_behind_https(tmp_path: Path) -> None:
    assert read(tmp_path, BASE_URL="https://tongji.example").secure_cookies
    assert not read(tmp_path).secure_cookies


def test_a_demo_home_decides_by_link_and_says_so(tmp_path: Path) -> None:
    assert (read(tmp_path).is_demo, read(tmp_path).review_confirm) == (False, "device")
    (tmp_path / DEMO_MARK).touch()
    assert (read(tmp_path).is_demo, read(tmp_path).review_confirm) == (True, "link")
    assert read(tmp_path, REVIEW_CONFIRM="device").review_confirm == "device"


def test_the_key_file_is_for_its_owner_alone_and_is_used_again(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    assert read(home).secret_keys == ()
    assert not home.exists()
    old = os.umask(0)
    try:
        make_home(home)
    finally:
        os.umask(old)
    path = home / "secret_keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (key,) = read(home).secret_keys
    assert len(key) >= MIN_KEY_LENGTH
    make_home(home)
    assert read(home).secret_keys == (key,)
    assert {file.name for file in home.iterdir()} == {"secret_keys", "audit_key"}


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make_home(tmp_path / name)
    assert read(tmp_path / "one").secret_keys != read(tmp_path / "two").secret_keys


def test_keys_of_the_environment_come_before_those_of_the_file(tmp_path: Path) -> None:
    make_home(tmp_path)
    assert read(tmp_path, SECRET_KEYS=f"\n{KEY}\t{OLD} ").secret_keys == (KEY, OLD)
    assert read(tmp_path, SECRET_KEYS="  ").secret_keys == read(tmp_path).secret_keys != ()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"short\n", b"\xff\xfe" * 40], ids=["empty", "blank", "short", "no text"]
)
def test_a_key_file_without_a_usable_key_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret_keys").write_bytes(content)
    make_home(tmp_path)
    with pytest.raises(SettingsError, match="ZHIBAO_SECRET_KEYS"):
        read(tmp_path)
    assert (tmp_path / "secret_keys").read_bytes() == content


def test_a_rotated_key_file_gives_the_newest_first(tmp_path: Path) -> None:
    (tmp_path / "secret_keys").write_text(f"{KEY}\n{OLD}\n")
    assert read(tmp_path).secret_keys == (KEY, OLD)


def test_processes_that_make_a_home_at_once_end_with_one_key(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from infra.settings import make_home, read_settings
home = Path(sys.argv[1])
sys.stdin.read()
make_home(home)
print(*read_settings({"ZHIBAO_HOME": str(home)}).secret_keys)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-W", "error", "-c", script, str(tmp_path / "home")]
    processes = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    keys = {process.communicate(timeout=60)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(keys) == 1
    assert keys.pop().split() == list(read(tmp_path / "home").secret_keys)
    assert {file.name for file in (tmp_path / "home").iterdir()} == {"secret_keys", "audit_key"}
