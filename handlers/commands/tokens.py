"""Commands of the API tokens."""

import click

from handlers.commands.base import BadInput, home, zhibao
from workflows.deadlines import show_instant
from workflows.tokens import create_token, revoke_token


@zhibao.group()
def token() -> None:
    """API tokens."""


@token.command(name="create")
@click.option("--role", required=True, type=click.Choice(["office", "enterprise"]))
@click.option("--region", default="", help="territory of an office token: a region code")
@click.option("--unit", default="", help="the unit of an enterprise token")
@click.option("--days", type=int, required=True)
def create(role: str, region: str, unit: str, days: int) -> None:
    """Make a token and print it, once: only its hash is kept."""
    if bool(region) == bool(unit) or bool(unit) != (role == "enterprise"):
        raise BadInput("office 用 --region，enterprise 用 --unit (an office has a region, an enterprise a unit)")
    with home() as installation:
        secret, made = create_token(installation.services, role=role, territory=region or unit, days=days)
    click.echo(secret)
    click.echo(f"{made.id} {made.role} {made.territory} 有效至 {show_instant(made.expires_at)} (expires)", err=True)


@token.command(name="list")
def list_tokens() -> None:
    """List the tokens."""
    with home() as installation:
        for one in installation.store.tokens():
            end = (
                f"revoked {show_instant(one.revoked_at)}" if one.revoked_at else f"until {show_instant(one.expires_at)}"
            )
            click.echo(f"{one.id}  {one.role}  {one.territory}  {end}")


@token.command()
@click.argument("token_id")
def revoke(token_id: str) -> None:
    """End a token now."""
    with home() as installation:
        revoke_token(installation.services, token_id)
    click.echo(f"{token_id}: 已作废 (revoked)")
