-- The pruning ratio, in percent, from which on a layer takes fewer cycles on a sparse array than unpruned on the
-- dense one, by straight lines between the study's ratios: all cycles, and those of the array without the ones it
-- stood still for DRAM. 0: from the start; none: at no ratio of the study.
--   sqlite3 -table pruning-resnet34.sqlite < break_even.sql
WITH machine_rows AS (
  SELECT *, CAST(trace AS REAL) AS ratio, accelerator || iif("unit.skip_ifmap" = 0, ', weights alone', '') AS machine
  FROM layer_rows
), figure(ratio, machine, layer_index, layer, what, cycles) AS (
  SELECT ratio, machine, layer_index, layer, 'all', cycles FROM machine_rows
  UNION ALL
  SELECT ratio, machine, layer_index, layer, 'array', processing_cycles FROM machine_rows
  UNION ALL
  SELECT ratio, machine, 1000, 'network', 'all', sum(cycles) FROM machine_rows GROUP BY point
  UNION ALL
  SELECT ratio, machine, 1000, 'network', 'array', sum(processing_cycles) FROM machine_rows GROUP BY point
), gain AS (  -- above 0: faster than the dense array
  SELECT sparse.*, 1.0 - 1.0 * sparse.cycles / dense.cycles AS gain
  FROM figure AS sparse JOIN figure AS dense USING (layer_index, what)
  WHERE dense.machine = 'dcnn' AND dense.ratio = 0 AND sparse.machine <> 'dcnn'
), step AS (
  SELECT *, lag(gain) OVER steps AS last_gain, lag(ratio) OVER steps AS last_ratio FROM gain
  WINDOW steps AS (PARTITION BY machine, layer_index, what ORDER BY ratio)
), even AS (  -- after the last step that ended at a loss
  SELECT machine, layer_index, layer, what,
         max(CASE WHEN last_gain < 0 AND gain >= 0
                  THEN last_ratio + (ratio - last_ratio) * last_gain / (last_gain - gain) END) AS crossing,
         max(CASE WHEN gain < 0 THEN ratio END) AS loss, max(ratio) AS top
  FROM step GROUP BY machine, layer_index, what
), shown AS (
  SELECT *, CASE WHEN loss IS NULL THEN '0' WHEN loss = top THEN 'none' ELSE printf('%.0f', crossing) END AS text
  FROM even
)
SELECT layer,
       max(text) FILTER (WHERE machine = 'scnn' AND what = 'all') AS "scnn",
       max(text) FILTER (WHERE machine = 'scnn' AND what = 'array') AS "its array",
       max(text) FILTER (WHERE machine = 'sparten, weights alone' AND what = 'all') AS "sparten, weights alone",
       max(text) FILTER (WHERE machine = 'sparten, weights alone' AND what = 'array') AS "its array",
       max(text) FILTER (WHERE machine = 'sparten' AND what = 'all') AS "sparten",
       max(text) FILTER (WHERE machine = 'sparten' AND what = 'array') AS "its array"
FROM shown GROUP BY layer_index ORDER BY layer_index;
