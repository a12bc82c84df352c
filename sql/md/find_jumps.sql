create or replace function md.find_jumps(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select string_agg(format('SPLIT_SUSPECTED: %s from %s to %s on %s looks like %s', u.symbol,
                             core.format_micros(j.before_micros), core.format_micros(j.open_micros),
                             j.session_on, j.looks_like), '; ' order by u.symbol collate "C", j.session_on)
      from run.runs as r
      join run.configs as c using (config_hash)
      join run.universe as u using (run_id)
      join md.policies as p using (run_id)
     cross join lateral (
        select min(b.session_on) as from_on
          from md.list_bars_as_of(u.symbol, p.timeframe, p.gap_window_bars + 1, p_now_at) as b) as w
     cross join lateral md.list_unexplained_jumps(
           u.symbol, p.timeframe, w.from_on, (c.config #>> '{data,split_tolerance_bps}')::integer,
           p_now_at) as j
     where r.run_id = p_run_id;
$function$;

comment on function md.find_jumps(uuid, timestamptz) is
$$The jumps in the gap window of a run that look like splits and that nothing explains, in words,
or null.$$;
