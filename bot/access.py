"""The keys and addresses that providers are given: they never see the settings themselves."""

from config.settings import Endpoint, Settings
from providers.catalogue import Access


def access_of(settings: Settings) -> dict[str, Access]:
    """Return each vendor's key and address, by provider name."""
    return {
        name: Access(
            api_key=account.api_key.get_secret_value() if account.api_key else None,
            base_url=account.base_url,
            headers=account.headers.get_secret_value() if account.headers else "",
            folder=account.folder,
            **_spoken(settings.endpoints.get(name)),
        )
        for name, account in settings.accounts.items()
    }


def _spoken(endpoint: Endpoint | None) -> dict[str, str]:
    return {} if endpoint is None else {"speaks": "openai", "variable": endpoint.key}
