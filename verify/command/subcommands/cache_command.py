"""``proofgrad cache``: where compiled gradients are kept, and how to remove them."""

from __future__ import annotations

import click

from verify.command.frame import answering, subcommand

__all__ = ["cache_command"]


@subcommand("cache", "--clear")
@click.option("--clear", is_flag=True, help="Remove all entries.")
@click.option("--folder", help="The cache's folder; PROOFGRAD_CACHE or the platform's by default.")
def cache_command(clear: bool, folder: str | None) -> None:
    """Show the folder of compiled gradients (PROOFGRAD_CACHE=1 turns it on), or empty it."""
    from codegen.call.cached import store_for

    with answering():
        store = store_for(folder or None) or store_for(True)
        assert store is not None
        if clear:
            click.echo(f"{store.folder}: removed {store.clear()} entries")
            return
        sizes = [path.stat().st_size for path in store.folder.glob("*.entry")]
        click.echo(f"{store.folder}: {len(sizes)} entries, {sum(sizes) / 1e6:.1f} MB")
