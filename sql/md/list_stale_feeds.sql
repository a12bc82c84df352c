create or replace function md.list_stale_feeds(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    feed            text,
    symbol          text,
    session_on      date,
    bar_end_at      timestamptz,
    last_bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.feed, u.symbol, d.session_on, d.ends_at, m.last_bar_end_at
      from md.policies as p
      cross join lateral unnest(array[p.feed, p.second_feed]) as f (feed)
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral ref.get_closed_slot(
           i.exchange_id, p.timeframe, p_now_at - p.stale_after_ms * interval '1 ms') as d
      cross join lateral ref.get_listing(u.symbol, d.session_on) as l
      left join md.feed_marks as m
        on m.feed = f.feed and m.symbol = u.symbol and m.timeframe = p.timeframe
     where p.run_id = p_run_id
       and f.feed is not null
       and l.is_listed
       and (m.last_bar_end_at < d.ends_at) is not false
     order by f.feed collate "C", u.symbol collate "C";
$function$;

comment on function md.list_stale_feeds(uuid, timestamptz) is
$$The feeds of a run that have not given the last bar that was due of a symbol: silent for longer than
data.stale_data_threshold_seconds after the end of a slot (bar_end_at); last_bar_end_at: what they gave
last.
Why: each feed is judged by itself and against the clock, so that a single one that falls silent is seen; a
night or a weekend has no slot.$$;
