"""The keys and addresses that providers are given: they never see the settings themselves."""

from pathlib import Path

from config.records import Settings
from domain.model import Setting
from providers.catalogue import Access


def access_of(settings: Settings) -> dict[str, Access]:
    """Return each vendor's key and address, by provider name."""
    vendors = {
        name: Access(
            api_key=account.api_key.get_secret_value() if account.api_key else None,
            base_url=account.base_url,
            headers=account.headers.get_secret_value() if account.headers else "",
            folder=account.folder,
            speaks="openai" if name in settings.endpoints else "",
            variable=settings.endpoints[name].key if name in settings.endpoints else "",
        )
        for name, account in settings.accounts.items()
    }
    return vendors | {"diffusers": Access(settings=_diffusers(settings))}


def _diffusers(settings: Settings) -> dict[str, Setting]:
    said = settings.diffusers.model_dump()
    folder = settings.diffusers.folder
    return said | {"folder": str(Path(folder).expanduser().absolute()) if folder else ""}
