"""Serves played vendors for till developers, and says how to use them and make them fail."""

import asyncio
import json
import signal
from collections.abc import Sequence

from gateway.cli.samples import SAMPLES, Sample
from gateway.cli.speech import console, fail
from gateway.core.adapter import Adapter
from gateway.edge.clock import SystemClock
from gateway.sandbox.server import SandboxServer

CONTROL_OFFSET = 100
"""From a vendor's port to its control port, which answers also when the plug is out."""

HOST = "127.0.0.1"

HELP = """\
Make one fail, here the first, by its control, which answers also while the plug is out:

  curl -d '{{"out": true}}' {control}plug
  curl -d '{{"out": false}}' {control}plug
  curl -d '{{"kind": "drop_after", "match": "POST /", "times": 1}}' {control}faults
  curl -X DELETE {control}faults

kind: drop_before drop_after error_before error_after slow hang html empty throttle; slow and
throttle take "seconds"; "times": null is until taken back. See what it holds, what was wrong with
what it was sent, and what it heard:

  curl {control}ledger
  curl {control}violations
  curl {control}requests
"""


def play(adapters: Sequence[Adapter], port: int) -> None:
    """Serve these vendors on consecutive ports until told to stop."""
    asyncio.run(_play(adapters, port))


async def _play(adapters: Sequence[Adapter], port: int) -> None:
    servers = [
        SandboxServer(
            adapter.sandbox(),
            SystemClock(),
            HOST,
            port + place,
            control_port=port + place + CONTROL_OFFSET,
        )
        for place, adapter in enumerate(adapters)
    ]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        for server in servers:
            await server.start()
        out = console()
        for adapter, server in zip(adapters, servers, strict=True):
            out.print(described(adapter, server.url, server.control_url), soft_wrap=True)
        out.print(HELP.format(control=servers[0].control_url), soft_wrap=True)
        out.print("Ctrl-C ends it; what the vendors hold goes with it.")
        await stop.wait()
    except OSError as error:
        fail(f"{error.strerror or error}; take another --port")
    finally:
        for server in servers:
            await server.stop()


def described(adapter: Adapter, url: str, control: str) -> str:
    """Say where a vendor answers and what it lets in, as the keys to configure it with."""
    sample = SAMPLES.get(adapter.name, Sample())
    lines = [f"{adapter.title}  {url}", f"  control  {control}"]
    keys = {"adapter": adapter.name, **sample.at(url)}
    lines += [f"  account  {key}: {json.dumps(value)}" for key, value in keys.items()]
    lines += [f"  secret   {key}: {value}" for key, value in sample.secrets.items()]
    lines += [f"  route    {key}: {json.dumps(value)}" for key, value in sample.route.items()]
    lines += [f"  knows    {line}" for line in sample.knows]
    return "\n".join(lines) + "\n"
