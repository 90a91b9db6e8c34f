"""Commands about one order: send it as a till would, or see where it would go."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.running import Config
from gateway.cli.speech import AsJson

GATEWAY_URL = "http://127.0.0.1:8470"

OrderPath = Annotated[
    Path,
    typer.Argument(
        help='A JSON file: {"store", "order_id", "order"}, or an order alone.', metavar="ORDER.json"
    ),
]
Url = Annotated[
    str,
    typer.Option(
        "--url", envvar="TILLBRIDGE_URL", help="Where the gateway listens; unix:PATH for a socket."
    ),
]


def add_to(shell: typer.Typer) -> None:
    """Add these commands to the shell."""
    shell.command()(send)
    shell.command()(route)


def send(
    order: OrderPath,
    url: Url = GATEWAY_URL,
    store: Annotated[str, typer.Option(help="Store code, over the file's own.")] = "",
    order_id: Annotated[str, typer.Option(help="Order id, over the file's own.")] = "",
    till: Annotated[
        str, typer.Option(help="Till that signs, as configured.", show_default="the order's till")
    ] = "",
    secret_file: Annotated[
        Path | None,
        typer.Option(help="The till's secret, base64; without it the order goes unsigned."),
    ] = None,
    wait: Annotated[
        float | None,
        typer.Option(min=0, max=30, help="Seconds to wait.", show_default="the store's wait"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send an order as a till would, and show the answer. Repeating it is safe.

    Exit code 0 if the gateway has it, queued or final; 1 if it was refused or nobody answered.
    """
    from gateway.cli.sending import Sending

    sending = Sending(
        path=order,
        url=url,
        store=store,
        order_id=order_id,
        till=till,
        secret_file=secret_file,
        wait_seconds=wait,
    )
    raise typer.Exit(sending.send(as_json=as_json))


def route(
    order: OrderPath,
    config: Config,
    store: Annotated[str, typer.Option(help="Store code, over the file's own.")] = "",
    wire: Annotated[
        bool, typer.Option("--wire", help="Print the first request to each vendor, secrets masked.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say which vendors would get an order, and which line of the configuration decides.

    Nothing is sent anywhere.
    """
    from gateway.cli.routing_report import report

    report(order, config, store=store, wire=wire, as_json=as_json)
