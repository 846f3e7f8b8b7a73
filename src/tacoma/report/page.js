"use strict";
(() => {
  const figures = JSON.parse(document.getElementById("figures-data").textContent);
  const config = {
    responsive: true,
    displaylogo: false,
    displayModeBar: "hover",
    // plotly offers to upload a chart to its makers; a report sends nothing anywhere.
    plotlyServerURL: "",
    modeBarButtonsToRemove: ["sendChartToCloud", "lasso2d", "select2d", "autoScale2d"],
  };
  const drawn = new Set();

  function theme() {
    const read = getComputedStyle(document.documentElement);
    const colour = (name) => read.getPropertyValue(name).trim();
    return { ink: colour("--ink"), grid: colour("--grid"), card: colour("--card"), line: colour("--line") };
  }

  function themed(layout) {
    const { ink, grid, card, line } = theme();
    const change = {
      "font.color": ink,
      "hoverlabel.bgcolor": card,
      "hoverlabel.bordercolor": line,
      "hoverlabel.font.color": ink,
    };
    for (const name of Object.keys(layout)) {
      if (/^[xy]axis\d*$/.test(name)) {
        change[`${name}.gridcolor`] = grid;
      }
    }
    return change;
  }

  function list(place, menu, plot) {
    const label = document.createElement("label");
    label.textContent = menu.name;
    const select = document.createElement("select");
    for (const [index, button] of menu.buttons.entries()) {
      select.append(new Option(button.label, String(index)));
    }
    select.addEventListener("change", () => {
      const args = menu.buttons[Number(select.value)].args;
      Plotly.update(plot, args[0], args[1]);
    });
    label.append(select);
    place.querySelector(".head").append(label);
  }

  function draw(place) {
    if (drawn.has(place)) return;
    drawn.add(place);
    const plot = place.querySelector(".plot");
    const { data, layout } = figures[place.id];
    const menus = layout.updatemenus || [];
    delete layout.updatemenus;
    delete layout.title;
    layout.margin = { ...layout.margin, t: 60 };
    plot.replaceChildren();
    const shown = Plotly.newPlot(plot, data, layout, config);
    shown.then(() => Plotly.relayout(plot, themed(layout)));
    for (const menu of menus) list(place, menu, plot);
  }

  const places = [...document.querySelectorAll("figure[data-plot]")];
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) {
          near.unobserve(entry.target);
          draw(entry.target);
        }
      }
    },
    { rootMargin: "900px 0px" },
  );
  for (const place of places) near.observe(place);
  window.addEventListener("beforeprint", () => places.forEach(draw));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const place of drawn) {
      const plot = place.querySelector(".plot");
      Plotly.relayout(plot, themed(plot.layout));
    }
  });
})();
