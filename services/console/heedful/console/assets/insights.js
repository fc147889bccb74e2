// Draws what heedful.console.insights.chart says; the table beside it has the same figures.
"use strict";

(() => {
  const inChinese = document.documentElement.lang.startsWith("zh");
  const language = inChinese ? "zh-CN" : "en-GB";
  const TONES = {red: "--red", green: "--green", disappointment: "--red", hassle: "--amber", delight: "--green", ease: "--link"};
  const PALETTE = ["--link", "--amber", "--green", "--red"];
  const SYMBOLS = ["circle", "diamond", "triangle", "rect"];
  let drawn = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tone = (series, place) => colour(TONES[series.key] || PALETTE[place % PALETTE.length]);

  function number(value, unit) {
    if (value === null || value === undefined) return "–";
    const options = unit === "share" ? {style: "percent", maximumFractionDigits: 1}
      : {maximumFractionDigits: unit === "ratio" || unit === "score" ? 2 : unit === "probability" ? 3 : 0};
    return new Intl.NumberFormat(language, options).format(value);
  }

  // Axes are short: 12.5k is enough there.
  function tick(value, unit) {
    if (unit === "share") return number(value, "share");
    return new Intl.NumberFormat(language, {notation: "compact", maximumFractionDigits: 2}).format(value);
  }

  const short = (text, most) => ([...text].length > most ? [...text].slice(0, most - 1).join("") + "…" : text);
  const month = (time) => new Intl.DateTimeFormat(language, {year: "2-digit", month: "short", timeZone: "UTC"}).format(new Date(time));

  function base() {
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      animation: !reduced,
      animationDuration: 250,
      textStyle: {fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--text")},
      // HTML in a tooltip would need inline styles, which the page's policy forbids.
      tooltip: {renderMode: "richText", confine: true, backgroundColor: colour("--sheet"), borderColor: colour("--line-strong"), textStyle: {color: colour("--text")}},
      legend: {top: 0, type: "scroll", textStyle: {color: colour("--text")}, inactiveColor: colour("--soft")},
    };
  }

  const axis = () => ({
    axisLine: {lineStyle: {color: colour("--line-strong")}},
    axisTick: {show: false},
    axisLabel: {color: colour("--soft")},
    splitLine: {lineStyle: {color: colour("--line")}},
    nameTextStyle: {color: colour("--soft")},
  });

  function reference(at) {
    return at === null ? undefined : {
      silent: true, symbol: "none", label: {show: false},
      lineStyle: {color: colour("--line-strong"), type: "solid", width: 2},
      data: [{xAxis: at}],
    };
  }

  function said(words, point, unit, grey) {
    const range = point[1] === point[2] ? "" : `\n${words.interval} ${number(point[1], unit)} – ${number(point[2], unit)}`;
    return number(point[0], unit) + range + (grey ? `\n○ ${words.grey}` : "");
  }

  // A dot, and the interval around it; grey is hollow with a dashed line.
  function intervals(data, words, narrow) {
    const many = data.series.length;
    // Of ratios powers of two are drawn. 0 would be nowhere: it stands at the left edge.
    const positive = data.series.flatMap((one) => one.points.filter(Boolean).flat()).filter((value) => value > 0);
    const edges = positive.length ? [Math.floor(Math.log2(Math.min(...positive) / 1.5)), Math.ceil(Math.log2(Math.max(...positive)))] : [-1, 1];
    const at = (value) => (data.log ? Math.max(value > 0 ? Math.log2(value) : edges[0], edges[0]) : value);
    const series = data.series.flatMap((one, place) => {
      const ink = tone(one, place);
      const shift = (place - (many - 1) / 2) * 12;
      const points = one.points.flatMap((point, row) => (point ? [{value: [at(point[0]), row, at(point[1]), at(point[2])], grey: data.grey[row], point}] : []));
      return [
        {
          type: "custom", name: one.name, data: points, encode: {x: [0, 2, 3], y: 1}, itemStyle: {color: ink}, z: 3,
          markLine: place === 0 ? reference(data.reference === null ? null : at(data.reference)) : undefined,
          tooltip: {formatter: (hit) => `${data.labels[hit.data.value[1]]}\n${one.name}: ${said(words, hit.data.point, data.unit, hit.data.grey)}`},
          renderItem: (params, api) => {
            const row = api.value(1);
            const [x, y] = api.coord([api.value(0), row]);
            const [low] = api.coord([api.value(2), row]);
            const [high] = api.coord([api.value(3), row]);
            const grey = data.grey[row];
            const paint = grey ? colour("--grey") : ink;
            const height = y + shift;
            return {
              type: "group",
              children: [
                {type: "line", shape: {x1: low, y1: height, x2: high, y2: height}, style: {stroke: paint, lineWidth: grey ? 2 : 4, lineDash: grey ? [4, 4] : null, opacity: grey ? 0.9 : 0.55}},
                place % 2 === 0
                  ? {type: "circle", shape: {cx: x, cy: height, r: 5}, style: {fill: grey ? colour("--sheet") : paint, stroke: paint, lineWidth: 2}}
                  : {type: "polygon", shape: {points: [[x, height - 6], [x + 6, height], [x, height + 6], [x - 6, height]]}, style: {fill: grey ? colour("--sheet") : paint, stroke: paint, lineWidth: 2}},
              ],
            };
          },
        },
      ];
    });
    const ratio = data.log ? {type: "value", min: edges[0], max: edges[1], interval: Math.ceil((edges[1] - edges[0]) / (narrow ? 5 : 12))} : {type: "value", scale: data.unit !== "share"};
    return {
      ...base(), series,
      grid: {left: 8, right: 24, top: many > 1 ? 36 : 12, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel"},
      legend: {...base().legend, show: many > 1, icon: undefined, data: data.series.map((one, place) => ({name: one.name, icon: SYMBOLS[place % 2]}))},
      xAxis: {...axis(), ...ratio, axisLabel: {color: colour("--soft"), hideOverlap: true, formatter: (value) => tick(data.log ? 2 ** value : value, data.unit)}},
      yAxis: {...axis(), type: "category", inverse: true, data: data.labels, splitLine: {show: true, lineStyle: {color: colour("--line")}},
        axisLabel: {color: (name, row) => (data.grey[row] ? colour("--soft") : colour("--text")), interval: 0, formatter: (name) => short(name, narrow ? 16 : 36)}},
    };
  }

  function bars(data, words, narrow) {
    const [one] = data.series;
    return {
      ...base(),
      legend: {show: false},
      grid: {left: 8, right: 24, top: 8, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel"},
      xAxis: {...axis(), type: "value", axisLabel: {color: colour("--soft"), formatter: (value) => tick(value, data.unit)}},
      yAxis: {...axis(), type: "category", inverse: true, data: data.labels, axisLabel: {color: colour("--text"), interval: 0, formatter: (name) => short(name, narrow ? 16 : 36)}},
      series: [{
        type: "bar", name: one.name, barMaxWidth: 18,
        data: one.points.map((point, row) => ({
          value: point && point[0], point, grey: data.grey[row],
          itemStyle: data.grey[row] ? {color: colour("--grey-ground"), borderColor: colour("--grey"), borderType: "dashed", borderWidth: 1} : {color: colour("--link")},
        })),
        tooltip: {formatter: (at) => `${at.name}\n${one.name}: ${said(words, at.data.point, data.unit, at.data.grey)}`},
      }],
    };
  }

  function lines(data, words, narrow) {
    const across = narrow || data.panels.length === 1 ? 1 : 2;
    const rows = Math.ceil(data.panels.length / across);
    const grid = [], xAxis = [], yAxis = [], series = [], title = [];
    data.panels.forEach((panel, place) => {
      const column = place % across, row = Math.floor(place / across);
      const height = 100 / rows, width = 100 / across;
      grid.push({left: `${column * width + 1}%`, width: `${width - 3}%`, top: `${row * height + (rows > 1 ? 8 : 12)}%`, height: `${height - (rows > 1 ? 12 : 16)}%`, outerBoundsMode: "same", outerBoundsContain: "axisLabel"});
      if (panel.name) title.push({text: panel.name, left: `${column * width + 1}%`, top: `${row * height + (rows > 1 ? 3 : 7)}%`, textStyle: {fontSize: 13, color: colour("--text")}});
      xAxis.push({...axis(), type: "category", gridIndex: place, data: data.times.map(month), axisLabel: {color: colour("--soft"), hideOverlap: true}});
      yAxis.push({...axis(), type: "value", gridIndex: place, min: 0, axisLabel: {color: colour("--soft"), formatter: (value) => tick(value, data.unit)}});
      panel.series.forEach((one, at) => {
        const ink = tone(one, at);
        series.push({
          type: "line", name: one.name, xAxisIndex: place, yAxisIndex: place, symbol: SYMBOLS[at % 4], symbolSize: 8, lineStyle: {color: ink, width: 2}, itemStyle: {color: ink},
          data: one.points.map((point, time) => (point ? {value: point[0], point, grey: one.grey[time], itemStyle: one.grey[time] ? {color: colour("--sheet"), borderColor: colour("--grey"), borderWidth: 2} : {color: ink}} : null)),
          tooltip: {formatter: (hit) => `${[panel.name, hit.name].filter(Boolean).join(" · ")}\n${one.name}: ${said(words, hit.data.point, data.unit, hit.data.grey)}`},
        });
      });
    });
    return {...base(), title, grid, xAxis, yAxis, series};
  }

  function matrix(data, words, narrow) {
    const edge = {silent: true, symbol: "none", label: {show: false}, lineStyle: {color: colour("--line-strong"), type: "dashed"}, data: []};
    if (data.x_from !== null) edge.data.push({xAxis: data.x_from});
    if (data.y_from !== null) edge.data.push({yAxis: data.y_from - 0.5});
    const corner = (text, where) => ({type: "text", ...where, z: 0, style: {text, fill: colour("--soft"), font: `600 13px ${getComputedStyle(document.body).fontFamily}`}});
    return {
      ...base(),
      legend: {show: false},
      grid: {left: 32, right: 32, top: 40, bottom: 48, outerBoundsMode: "same", outerBoundsContain: "axisLabel"},
      graphic: [corner(words.quick_win, {left: 84, top: 12}), corner(words.do_now, {right: 40, top: 12}), corner(words.leave, {left: 84, bottom: 4}), corner(words.build_ability, {right: 40, bottom: 4})],
      xAxis: {...axis(), type: "value", min: 0, name: data.x.name, nameLocation: "middle", nameGap: 28, axisLabel: {color: colour("--soft"), formatter: (value) => tick(value, data.x.unit)}},
      yAxis: {...axis(), type: "value", min: 0.5, max: 5.5, interval: 1, name: data.y.name, nameLocation: "middle", nameGap: 28, axisLabel: {color: colour("--soft"), formatter: (value) => (Number.isInteger(value) ? String(value) : "")}},
      series: [{
        type: "scatter", symbolSize: 14, markLine: edge,
        label: {show: true, position: "right", color: colour("--text"), formatter: (at) => at.data.label},
        labelLayout: {hideOverlap: true, moveOverlap: "shiftY"},
        data: data.points.map((one) => ({value: [one.x, one.y], ...one, itemStyle: one.grey ? {color: colour("--sheet"), borderColor: colour("--grey"), borderWidth: 2, borderType: "dashed"} : {color: colour("--link")}})),
        tooltip: {formatter: (at) => `${at.data.label}\n${data.x.name}: ${said(words, at.data.range, data.x.unit, at.data.grey)}\n${data.y.name}: ${at.data.y}`},
      }],
    };
  }

  function curve(data, words, narrow) {
    return {
      ...base(),
      grid: {left: 16, right: 16, top: 44, bottom: 16, outerBoundsMode: "same", outerBoundsContain: "axisLabel"},
      xAxis: {...axis(), type: "category", data: data.labels, axisLabel: {color: colour("--text"), interval: 0, rotate: 50, formatter: (name) => short(name, narrow ? 16 : 24)}},
      yAxis: [
        {...axis(), type: "value", min: -1, max: 1, name: data.curve.name},
        {...axis(), type: "value", min: 0, splitLine: {show: false}, axisLabel: {color: colour("--soft"), formatter: (value) => tick(value, "count")}},
      ],
      series: [
        ...data.bars.map((one, place) => ({
          type: "bar", name: one.name, yAxisIndex: 1, barMaxWidth: 14, itemStyle: {color: colour(place ? "--amber" : "--link"), opacity: 0.35}, data: one.points,
          tooltip: {formatter: (at) => `${at.name}\n${one.name}: ${number(at.value, "count")}`},
        })),
        {
          type: "line", name: data.curve.name, smooth: 0.3, symbol: "circle", symbolSize: 9, lineStyle: {color: colour("--green"), width: 3}, itemStyle: {color: colour("--green")},
          data: data.curve.points.map((value, row) => ({value, itemStyle: data.grey[row] ? {color: colour("--sheet"), borderColor: colour("--grey"), borderWidth: 2} : {color: value < 0 ? colour("--red") : colour("--green")}})),
          tooltip: {formatter: (at) => `${at.name}\n${data.curve.name}: ${number(at.value, "score")}\n${data.effects.name}: ${data.effects.points[at.dataIndex] ? said(words, data.effects.points[at.dataIndex], "score", data.grey[at.dataIndex]) : "–"}`},
        },
      ],
    };
  }

  const KINDS = {intervals, bars, lines, matrix, curve};
  const ROW = {curve: (data, narrow) => (narrow ? 460 : 480), intervals: (data) => 64 + data.labels.length * (data.series.length > 1 ? 40 : 28), bars: (data) => 48 + data.labels.length * 28, lines: (data, narrow) => 60 + 260 * Math.ceil(data.panels.length / (narrow ? 1 : 2))};

  function draw() {
    const box = document.getElementById("chart");
    const told = document.getElementById("chart-data");
    if (!box || !told || !window.echarts) return;
    const data = JSON.parse(told.textContent);
    const words = JSON.parse(document.getElementById("chart-words").textContent);
    const narrow = box.clientWidth < 560;
    if (ROW[data.kind]) box.style.height = `${Math.max(220, ROW[data.kind](data, narrow))}px`;
    if (drawn) drawn.dispose();
    drawn = window.echarts.init(box, null, {renderer: "canvas"});
    drawn.setOption(KINDS[data.kind](data, words, narrow));
    width = box.clientWidth;
    seen.disconnect();
    seen.observe(box);
  }

  let later = 0;
  const again = () => { clearTimeout(later); later = setTimeout(draw, 120); };
  // Not the window's size alone: a scroll bar that comes later makes the box narrower, too.
  let width = 0;
  const seen = new ResizeObserver(([one]) => { if (Math.round(one.contentRect.width) !== width) again(); });
  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("htmx:afterSettle", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
})();
