"""Settings: defaults, the team's file, the environment; pure, closed, and every fault by name."""

import tomllib
from pathlib import Path

import pytest

from config import settings as configuration
from config.records import Settings
from config.settings import DEFAULT_URLS, load, read, routes
from domain.errors import SettingsError

KEYS = {"REPLICATE_API_TOKEN": "r8_top_secret", "OPENAI_API_KEY": "sk-top-secret"}


def loaded(toml: str = "", **environ: str) -> Settings:
    return load(toml, environ)


def refused(toml: str = "", **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as error:
        load(toml, environ)
    return error.value


def test_nothing_set_is_a_service_on_loopback_with_ten_dollars_a_day() -> None:
    settings = loaded()
    assert (settings.console.host, settings.console.port) == ("127.0.0.1", 8787)
    assert settings.limits.max_usd_per_day == 10.0
    assert settings.limits.confirm_above_usd == 0.5
    assert settings.limits.waiting_per_person == 25
    assert settings.data_dir == Path.cwd() / "data"


def test_loading_reads_no_environment_but_the_one_handed_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AI_HANDLER_DATA_DIR", "/elsewhere")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-this-machine")
    settings = loaded()
    assert settings.data_dir == Path.cwd() / "data"
    assert settings.accounts["openai"].api_key is None
    assert load("", {}) == settings


def test_the_teams_file_lies_over_the_defaults_and_keeps_the_rest() -> None:
    settings = loaded("[limits]\nmax_usd_per_day = 3.5\n")
    assert settings.limits.max_usd_per_day == 3.5
    assert settings.limits.waiting_per_person == 25
    assert settings.console.port == 8787


def test_the_environment_lies_over_the_file() -> None:
    settings = loaded(
        "[console]\nport = 9000\n",
        AI_HANDLER_CONSOLE_PORT="9001",
        AI_HANDLER_CONSOLE_HOST="::1",
        AI_HANDLER_DATA_DIR="/tmp/ours",  # noqa: S108  only a name here
    )
    assert (settings.console.host, settings.console.port) == ("::1", 9001)
    assert settings.data_dir == Path("/tmp/ours")  # noqa: S108  only a name here


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    blank = loaded(
        AI_HANDLER_CONSOLE_PORT="", AI_HANDLER_DATA_DIR="", OPENAI_API_KEY="", OPENAI_BASE_URL=""
    )
    assert blank == loaded()


def test_accounts_hold_the_vendors_keys_and_addresses() -> None:
    settings = loaded(**KEYS, REPLICATE_BASE_URL="http://127.0.0.1:9/")
    assert settings.accounts.keys() == DEFAULT_URLS.keys()
    assert settings.accounts["replicate"].base_url == "http://127.0.0.1:9"
    assert settings.accounts["openai"].base_url == "https://api.openai.com/v1"
    key = settings.accounts["openai"].api_key
    assert key is not None
    assert key.get_secret_value() == "sk-top-secret"


def test_a_secret_is_in_no_repr_no_text_and_no_dump() -> None:
    settings = loaded(**KEYS)
    said = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert "top" not in said


def test_a_secret_is_in_no_error() -> None:
    assert "top" not in refused("[limits]\nwaiting_per_person = 0\n", **KEYS).message


def test_every_fault_is_named_at_once_by_the_setting_it_is_in() -> None:
    toml = """
    colour = "red"
    [limits]
    waiting_per_person = 0
    max_usd_per_day = -1.0
    waiting = 3
    [concurrency]
    pixel_workers = "many"
    """
    error = refused(toml, AI_HANDLER_CONSOLE_PORT="http")
    for name in (
        "colour",
        "limits.waiting_per_person",
        "limits.max_usd_per_day",
        "limits.waiting",
        "concurrency.pixel_workers",
        "console.port",
    ):
        assert f"{name}: " in error.message
    assert error.hint


@pytest.mark.parametrize("port", ["-1", "65536", "1.5", "8787 "])
def test_a_port_is_a_port(port: str) -> None:
    if port.strip().isdecimal() and int(port) < 65536:
        assert loaded(AI_HANDLER_CONSOLE_PORT=port).console.port == 8787
    else:
        assert "console.port" in refused(AI_HANDLER_CONSOLE_PORT=port).message


@pytest.mark.parametrize("name", ["limits", "console", "concurrency", "scoring"])
def test_a_value_where_a_table_belongs_is_named(name: str) -> None:
    assert f"{name}: " in refused(f"{name} = 5").message


def test_what_is_no_toml_is_refused_with_the_line() -> None:
    error = refused("[limits\nwaiting_per_person = 3")
    assert "TOML" in error.message
    assert "line 1" in error.message


NOT_BUILT = ("CONSOLE_TOKEN", "DATABASE_URL", "ARTIFACTS_URL")


@pytest.mark.parametrize("name", NOT_BUILT)
def test_a_variable_whose_part_is_not_built_is_refused_by_name(name: str) -> None:
    error = refused(**{f"AI_HANDLER_{name}": "x"})
    assert f"AI_HANDLER_{name}: " in error.message
    assert "not built" in error.message
    assert loaded(**{f"AI_HANDLER_{name}": ""}) == loaded()


def test_variables_that_are_not_built_are_refused_all_at_once() -> None:
    error = refused(**{f"AI_HANDLER_{name}": "x" for name in NOT_BUILT})
    assert all(f"AI_HANDLER_{name}: " in error.message for name in NOT_BUILT)


@pytest.mark.parametrize("toml", ['data_dir = "/tmp/x"', '[accounts.openai]\napi_key = "sk-x"'])
def test_what_only_the_environment_says_is_refused_in_the_file_never_ignored(toml: str) -> None:
    error = refused(toml)
    assert "environment alone" in error.message or "AI_HANDLER_DATA_DIR" in error.message
    assert "sk-x" not in error.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_the_console_may_be_served_on_loopback(host: str) -> None:
    assert loaded(AI_HANDLER_CONSOLE_HOST=host).console.host == host


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.4", "example.org", "127.0.0.1.nip.io"],  # noqa: S104  refused
)
def test_any_other_host_of_the_console_is_refused(host: str) -> None:
    for error in (refused(AI_HANDLER_CONSOLE_HOST=host), refused(f'[console]\nhost = "{host}"')):
        assert host in error.message
        assert "token login" in error.hint


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        loaded().limits.max_usd_per_day = 99.0  # type: ignore[misc]  # the fact


# --- reading the file ---


def test_the_file_that_the_environment_names_is_read(tmp_path: Path) -> None:
    file = tmp_path / "team.toml"
    file.write_text("[limits]\nconfirm_above_usd = 2.0\n", encoding="utf-8")
    assert read({"AI_HANDLER_CONFIG": str(file)}).limits.confirm_above_usd == 2.0
    assert read({}).limits.confirm_above_usd == 0.5


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# caf\xe9\n")
    for path in (tmp_path / "none.toml", tmp_path, latin):
        with pytest.raises(SettingsError, match=path.name) as error:
            read({"AI_HANDLER_CONFIG": str(path)})
        assert "AI_HANDLER_CONFIG" in error.value.hint


def test_each_default_is_one_that_can_be_set() -> None:
    shipped = (Path(configuration.__file__).parent / "defaults.toml").read_text(encoding="utf-8")
    assert load(shipped, {}) == load("", {})
    assert configuration.defaults() == tomllib.loads(shipped)


def test_a_comfyui_server_is_an_address_with_headers_that_are_not_shown() -> None:
    environ = {"COMFYUI_URL": "https://x.modal.run/", "COMFYUI_HEADERS": "Modal-Key: wk-1; B: ws-2"}
    settings = load("", environ)
    account = settings.accounts["comfyui"]
    assert account.base_url == "https://x.modal.run"
    assert account.headers
    assert account.headers.get_secret_value() == environ["COMFYUI_HEADERS"]
    assert "wk-1" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "headers", "says"),
    [
        ("127.0.0.1:8188", "", "COMFYUI_URL"),
        ("http://10.0.0.5:8188", "A: wk-secret", "in the clear"),
        ("http://127.0.0.1:8188", "wk-secret", "COMFYUI_HEADERS cannot be read"),
    ],
)
def test_a_comfyui_server_that_cannot_be_used_is_refused_without_its_headers(
    url: str, headers: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        load("", {"COMFYUI_URL": url, "COMFYUI_HEADERS": headers})
    assert "wk-secret" not in str(caught.value)


def test_routes_of_the_team_take_the_place_of_those_that_ship_task_by_task() -> None:
    own = load('[routes]\nui = ["openai:gpt-image-2", "sketch:storyboard"]', {}).routes
    table = routes(own)["tasks"]
    assert list(table["ui"]) == ["openai:gpt-image-2", "sketch:storyboard"]
    assert table["product"] == routes()["tasks"]["product"]


def test_a_route_names_only_models_that_there_are_all_faults_at_once() -> None:
    toml = '[routes]\nui = ["openai:gpt-image-9"]\nbrand = ["nobody:knows"]'
    with pytest.raises(SettingsError) as error:
        load(toml, {})
    assert error.value.message == (
        "routes.ui: no model 'openai:gpt-image-9'; routes.brand: no model 'nobody:knows'"
    )


def test_a_route_of_no_task_type_is_refused() -> None:
    with pytest.raises(SettingsError, match="routes"):
        load('[routes]\nlogos = ["openai:gpt-image-2"]', {})
