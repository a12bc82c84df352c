create or replace function md.list_window_gaps(
    p_run_id uuid,
    p_due_at timestamptz
)
returns table (
    symbol     text,
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select u.symbol, g.session_on, g.bar_end_at
      from md.policies as p
      join ref.timeframes as t using (timeframe)
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral (
        select min(s.session_on) as from_on
          from (select s.session_on from ref.sessions as s
                 where s.exchange_id = i.exchange_id and s.opens_at < p_due_at
                 order by s.session_on desc
                 limit 1 + coalesce(ceil(p.gap_window_bars * extract(epoch from t.bar_length) / 10800),
                                    p.gap_window_bars)) as s) as w
      cross join lateral (
        select min(n.ends_at) as from_at
          from (select n.ends_at
                  from ref.list_slots(i.exchange_id, p.timeframe, w.from_on,
                                      (p_due_at + interval '1 day')::date) as n
                 where n.ends_at <= p_due_at
                 order by n.ends_at desc
                 limit p.gap_window_bars) as n) as f
      cross join lateral md.list_gaps(u.symbol, p.timeframe, w.from_on, p_due_at) as g
     where p.run_id = p_run_id
       and g.bar_end_at >= f.from_at
     order by u.symbol, g.bar_end_at;
$function$;

comment on function md.list_window_gaps(uuid, timestamptz) is
$$The bars that a run's symbols lack among the last gap_window_bars slots that had ended at p_due_at.
Looks back over enough sessions: none is shorter than three hours.$$;
