"""``proofgrad cache``: where compiled gradients are kept, and how to remove them."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["cache_command"]


def cache_command(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all entries.")] = False,
    folder: Annotated[
        str, typer.Option(help="The cache's folder; PROOFGRAD_CACHE or the platform's by default.")
    ] = "",
) -> None:
    """Show the folder of compiled gradients (PROOFGRAD_CACHE=1 turns it on), or empty it."""
    from autodiff.errors import ArgumentError
    from codegen.call.cached import store_for

    try:
        store = store_for(folder or None) or store_for(True)
    except ArgumentError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    assert store is not None
    if clear:
        typer.echo(f"{store.folder}: removed {store.clear()} entries")
        return
    sizes = [path.stat().st_size for path in store.folder.glob("*.entry")]
    typer.echo(f"{store.folder}: {len(sizes)} entries, {sum(sizes) / 1e6:.1f} MB")
