create or replace function md.get_window_start(
    p_run_id uuid,
    p_now_at timestamptz
)
returns date
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select min(s.session_on)
      from md.policies as p
      join ref.timeframes as t using (timeframe)
      join run.runs as r using (run_id)
      join run.configs as c using (config_hash)
      cross join lateral (
        select greatest(p.gap_window_bars, (c.config #>> '{strategy,window_bars}')::bigint) as bars) as n
      cross join lateral (
        select s.session_on
          from run.universe as u
          join ref.instruments as i using (symbol)
          join ref.sessions as s using (exchange_id)
         where u.run_id = p_run_id and s.opens_at <= p_now_at
         group by s.session_on
         order by s.session_on desc
         limit 1 + coalesce(ceil(n.bars * extract(epoch from t.bar_length) / 10800), n.bars)) as s
     where p.run_id = p_run_id;
$function$;

comment on function md.get_window_start(uuid, timestamptz) is
$$The first session that a run needs bars of: enough for its gap window and its strategy's window (no
session is shorter than three hours).$$;
