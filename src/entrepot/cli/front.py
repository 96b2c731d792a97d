"""The application: its commands, and what happens to a refusal on its way out."""

import sys
from typing import Any

import structlog
import typer
from sqlalchemy.exc import SQLAlchemyError
from typer.core import TyperGroup

from entrepot.cli import (
    bench,
    connecting,
    goods,
    health,
    letters,
    moving,
    orders,
    people,
    platforms,
    reading,
    replay,
    sealing,
    serving,
    stock,
)
from entrepot.cli.showing import complain, emit
from entrepot.kernel import Refusal

NO = 2


class Front(TyperGroup):
    """Turns what the domain or the machine refuses into one line and exit 2; a bug of ours stays a trace."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["entrepot.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            refused = refusal
        except SQLAlchemyError as error:
            refused = Refusal("store", f"the store cannot be used: {getattr(error, 'orig', None) or error}",
                              remedy="Look at the folder ENTREPOT_HOME, the disk, the server")  # fmt: skip
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            refused = Refusal("machine", f"{error.strerror or error}{where}")
        if ctx.meta["entrepot.json"]:
            problem = {
                "code": refused.code,
                "detail": refused.why,
                "remedy": refused.remedy,
                "field": refused.field,
            }
            emit({"error": problem})
        complain(refused)
        raise typer.Exit(NO)


app = typer.Typer(
    name="entrepot",
    cls=Front,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="One ledger of stock, one queue of orders, for every channel you sell on.\n\n"
    "The hub lives in the folder ENTREPOT_HOME. Times are ISO 8601; without a zone they are UTC.",
)
health.add_to(app)
serving.add_to(app)
replay.add_to(app)
bench.add_to(app)
moving.add_to(stock.app)
app.add_typer(stock.app, name="stock")
app.add_typer(moving.transfers, name="transfers")
app.add_typer(moving.holds, name="holds")
app.add_typer(goods.skus, name="sku")
app.add_typer(goods.locations, name="location")
app.add_typer(orders.orders, name="orders")
app.add_typer(orders.exceptions, name="exceptions")
app.add_typer(orders.sellers, name="sellers")
connecting.add_to(app)
people.add_to(app)
app.add_typer(sealing.keys, name="keys")
reading.add_to(platforms.channels)
app.add_typer(platforms.channels, name="channels")
app.add_typer(letters.app, name="letters")


def main() -> None:
    """The entry point. Whatever is logged goes to standard error: standard output belongs to the answer. A
    trace shows the way, never the values that were on it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    app()
