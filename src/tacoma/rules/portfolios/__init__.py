"""Options and portfolio margin: values, sensitivities, grids of scenarios, surcharges."""
