"""`tacoma bench`: what the engine costs on this machine."""

from __future__ import annotations

from typing import Any

import click

from tacoma.cli.arguments import json_option
from tacoma.cli.output import echo_json
from tacoma.cli.progress import Display

# What is measured, its goal, and the field that holds it.
ROWS = (
    ("full margin check, over the time to read memory", "<= 1.5", "scan_over_bandwidth", "{:.2f}"),
    ("  per account with three positions", "", "scan_ns_per_account", "{:.1f} ns"),
    ("evening, 1.6 M accounts, 2 venues, 1 core", "<= 10 s", "oct2025_full_s", "{:.1f} s"),
    ("24 hours of the same", "<= 25 s", "day_full_s", "{:.1f} s"),
    ("three hours, 20,000 accounts, runs per second and core", ">= 1", "runs_per_s_20k", "{:.2f}"),
    ("100 M accounts, 1 venue: memory", "<= 20 GB", "accounts_max_gb_100m", "{:.1f} GB"),
    ("  the evening", "<= 600 s", "accounts_100m_s", "{:.0f} s"),
    ("book operations per second", ">= 10 M", "book_ops_per_s", "{:,.0f}"),
    ("evening, times as fast as plain scans", "", "index_vs_scan_ratio", "{:.0f}"),
    ("  as scans at the speed of memory", "", "index_vs_fast_scan_ratio", "{:.1f}"),
    ("  as numpy scans", "", "index_vs_numpy_ratio", "{:.0f}"),
)


@click.command(
    short_help="Measure speed and memory against the goals.",
    epilog="Example: tacoma bench --all --json > bench.json",
)
@click.option("--all", "everything", is_flag=True, help="The whole table: about 20 minutes.")
@json_option
def bench(everything: bool, as_json: bool) -> None:
    """
    Measure the engine on this machine.

    Without options two figures: the evening of 10 October 2025 with 1.6 million accounts, and a
    full margin check of everybody. With --json or --all everything: growth with accounts, markets
    and depth of the crash, and a hundred million accounts where 20 GB of memory are free.
    """
    from tacoma.lab.bench import suite

    with Display() as display:
        whole = everything or as_json
        found = suite.full(display) if whole else suite.headline(display)
    if as_json:
        echo_json(found)
        return
    if not whole:
        click.echo(
            f"10 October 2025, 1.6 M accounts, 2 venues, one core: {found['oct2025_full_s']:.1f} s"
        )
        click.echo(
            f"full margin check of 1.6 M accounts: {found['scan_ns_per_account']:.1f} ns each, "
            f"{found['scan_over_bandwidth']:.2f} times what reading their memory takes"
        )
        return
    click.echo("\n".join(_table(found)))


def _table(found: dict[str, Any]) -> list[str]:
    """Return the lines of the whole table."""
    machine, speed = found["machine"], found["bandwidth_gb_per_s"]
    title = (
        f"{machine['cores']} cores, Python {machine['python']}, {speed:.1f} GB/s memory, one core"
    )
    lines = [title, ""]
    for label, goal, field, form in ROWS:
        value = "not measured" if found.get(field) is None else form.format(found[field])
        lines.append(f"{label:<58}{goal:>10}{value:>16}")
    head = f"{'growth':<20}{'steps':>8}{'build':>10}{'steps took':>12}{'checks/step':>13}"
    lines += ["", head + f"{'liquidated':>12}{'memory':>10}"]
    for name, row in found["measurements"].items():
        if "checks_per_step" in row:
            lines.append(
                f"{name:<20}{row['steps']:>8,}{row['build_s']:>8.2f} s{row['loop_s']:>10.2f} s"
                f"{row['checks_per_step']:>13,.0f}{row['liquidated_accounts']:>12,}"
                f"{row['peak_gb']:>7.1f} GB"
            )
    return lines
