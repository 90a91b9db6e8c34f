"""The composition root: builds everything, knows everyone, and decides how the process ends."""

import asyncio
import os
import signal
import sqlite3
import ssl
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from gateway.api import make_app
from gateway.app.changing import only_at_start, stranded
from gateway.app.finding import find_adapters
from gateway.core.adapter import Adapter, Credentials, Link
from gateway.edge.clock import SystemChance, SystemClock
from gateway.edge.keys import seal_keys
from gateway.edge.logs import make_log
from gateway.edge.outbox import (
    AlreadyOpen,
    ForeignFile,
    NewerFile,
    SqlOutbox,
    StorageFailed,
    free_bytes,
)
from gateway.edge.outbox.database import ThreadedDatabase, instance_of
from gateway.edge.seal import Seal
from gateway.edge.vendor import VendorClient
from gateway.engine.doors import Doors, make_doors
from gateway.engine.ports import Damaged
from gateway.engine.refusal import Refused
from gateway.ops import make_ops
from gateway.ops.metrics import Counted, metrics_text
from gateway.settings import (
    ConfigurationInvalid,
    SecretUnreadable,
    Settings,
    differences,
    load,
)

STOPPED, USAGE, CONFIGURATION, HELD, STORAGE, DAMAGED, NEWER = 0, 2, 3, 4, 5, 6, 7
"""Exit codes (traps.md)."""

NOT_BEGUN: Mapping[type[Exception], int] = {
    AlreadyOpen: HELD,
    NewerFile: NEWER,
    ForeignFile: DAMAGED,
    Damaged: DAMAGED,
    StorageFailed: STORAGE,
    sqlite3.Error: STORAGE,
    OSError: STORAGE,
    SecretUnreadable: CONFIGURATION,
}
"""What keeps the outbox from being taken, and who must act: see the exit codes."""

DATABASE = "outbox.db"

NO_ACCOUNT_RATE = 1.0
"""Of a vendor that left the configuration: its lane is empty, or waits for its credential."""

DRAIN_SECONDS = 2.0
"""Time for answers under way when told to stop; nothing depends on it."""


@dataclass(kw_only=True)
class App:
    """One life of the gateway."""

    config: Path
    environment: Mapping[str, str]
    settings: Settings
    adapters: Mapping[str, Adapter]
    log: Counted
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _exit_code: int = STOPPED
    _draining: bool = False

    async def run(self) -> int:
        """Serve until told to stop; the exit code says how it ended."""
        database = self.settings.data_dir / DATABASE
        try:
            self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            outbox = await self._open(database)
        except tuple(NOT_BEGUN) as error:
            return self._ended(exit_code_of(error), f"{database}: {error}")
        try:
            await self._serve(outbox)
        except StorageFailed:
            self.stop(STORAGE)
        except OSError as error:
            return self._ended(CONFIGURATION, f"listen: {self.settings.listen}: {error}")
        finally:
            await outbox.stop()
        self.log("gateway.stopped", exit_code=self._exit_code)
        return self._exit_code

    async def _serve(self, outbox: SqlOutbox) -> None:
        """Open the doors; OSError where nobody can listen there."""
        client = VendorClient(self.account, SystemClock())
        await client.start()
        doors = self._doors(outbox, client)
        try:
            await doors.open()
            runner = await self._listen(doors)
            self.log("gateway.started", listen=str(self.settings.listen), process=os.getpid())
            await self._stop.wait()
            self._draining = True
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    await runner.cleanup()
        finally:
            await doors.close()
            await client.stop()

    def account(self, vendor: str, store: str) -> tuple[Adapter, Link, Credentials]:
        """Who a vendor is, where, and what proves that we are we: as configured now."""
        link, credentials = self.settings.account(vendor, store)
        return self.adapters[self.settings.vendors[vendor].adapter], link, credentials

    def stop(self, exit_code: int = STOPPED) -> None:
        """End the process soon."""
        self._exit_code = max(self._exit_code, exit_code)
        self._stop.set()

    async def _open(self, database: Path) -> SqlOutbox:
        first = not await asyncio.to_thread(database.exists)
        keys = seal_keys(self.settings.seal_keys, self.environment, first_start=first)
        outbox = SqlOutbox(
            await ThreadedDatabase.open(database),
            Seal(keys),
            folder=self.settings.data_dir,
            free_bytes=lambda: free_bytes(self.settings.data_dir),
            on_failure=self._storage_failed,
        )
        try:
            await outbox.start(instance=instance_of(database))
        except BaseException:
            await outbox.stop()
            raise
        return outbox

    def _doors(self, outbox: SqlOutbox, client: VendorClient) -> Doors:
        return make_doors(
            outbox=outbox,
            send=client,
            clock=SystemClock(),
            chance=SystemChance(),
            log=self.log,
            plan=lambda: self.settings.plan,
            rate=self._rate,
            retention_seconds=lambda: self.settings.retention_seconds,
        )

    async def _listen(self, doors: Doors) -> web.AppRunner:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload_soon, doors)
        app = make_app(
            doors,
            tills=self._tills if self.settings.till_auth == "hmac" else None,
            ready=lambda: {"disk": doors.desk.outbox.healthy, "configuration": True},
            metrics_text=lambda: metrics_text(doors, self.log),
            draining=lambda: self._draining,
        )
        ops = make_ops(doors, token=self._ops_token, reload=self._reload_of(doors))
        app.add_subapp("/ops", ops)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        listen, tls = self.settings.listen, self._tls()
        site: web.BaseSite
        if listen.path is not None:
            site = web.UnixSite(runner, str(listen.path), ssl_context=tls)
        else:
            site = web.TCPSite(runner, listen.host, listen.port, ssl_context=tls)
        await site.start()
        return runner

    def _tills(self) -> dict[str, tuple[str, bytes]]:
        return {name: (till.store, till.secret) for name, till in self.settings.tills.items()}

    def _rate(self, vendor: str) -> float:
        """Calls per second an account takes; one that is gone has nothing left to say."""
        account = self.settings.vendors.get(vendor)
        return account.link.rate_per_second if account else NO_ACCOUNT_RATE

    def _ops_token(self) -> str:
        token = self.settings.ops_token
        return token.get_secret_value() if token else ""

    def _tls(self) -> ssl.SSLContext | None:
        if self.settings.tls is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.settings.tls.certificate, self.settings.tls.key)
        return context

    def _reload_of(self, doors: Doors) -> Any:
        async def reload() -> list[str]:
            try:
                return await self._reload(doors)
            except ConfigurationInvalid as error:
                self.log("configuration.refused", detail=str(error))
                raise Refused("configuration_invalid", str(error)) from None

        return reload

    async def _reload(self, doors: Doors) -> list[str]:
        """Validate, show the difference, swap as a whole; ConfigurationInvalid keeps the old."""
        new = await asyncio.to_thread(load, self.config, self.adapters, self.environment)
        refused = [*only_at_start(self.settings, new), *await stranded(doors, new)]
        if refused:
            raise ConfigurationInvalid(refused)
        changed = differences(self.settings, new)
        self.settings = new
        for lane in doors.desk.lanes.known().values():
            lane.release_hold()
        self.log("configuration.reloaded", changes=changed)
        return changed

    def _reload_soon(self, doors: Doors) -> None:
        async def reload() -> None:
            try:
                await self._reload(doors)
            except ConfigurationInvalid as error:
                self.log("configuration.refused", detail=str(error))

        self._reloading = asyncio.create_task(reload())

    def _storage_failed(self, failure: StorageFailed) -> None:
        self.log("storage.failed", detail=str(failure))
        self.stop(STORAGE)

    def _ended(self, code: int, detail: str) -> int:
        self.log("gateway.stopped", exit_code=code, detail=detail)
        return code


def exit_code_of(error: Exception) -> int:
    """The exit code of what kept the outbox from being taken: of a kind in NOT_BEGUN."""
    return next(code for kind, code in NOT_BEGUN.items() if isinstance(error, kind))


def serve(config: Path) -> int:
    """Run the gateway from a configuration; returns the exit code."""
    environment = dict(os.environ)
    adapters = find_adapters()
    try:
        settings = load(config, adapters, environment)
    except ConfigurationInvalid as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log before there are settings
        return CONFIGURATION
    lines = make_log(
        SystemClock(),
        file=settings.log.file,
        level=settings.log.level,
        shape="json" if settings.log.format == "json" else "console",
    )
    log = Counted(log=lines)
    app = App(config=config, environment=environment, settings=settings, adapters=adapters, log=log)
    with closing(lines):
        return asyncio.run(app.run())
