create or replace function md.list_new_bars(
    p_run_id   uuid,
    p_after_at timestamptz,
    p_now_at   timestamptz
)
returns table (
    symbol       text,
    bar_end_at   text,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint,
    ends_session boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, core.format_iso(b.bar_end_at), b.open_micros, b.high_micros, b.low_micros,
           b.close_micros, b.volume, b.bar_end_at >= s.closes_at
      from md.policies as p
      join run.universe as u using (run_id)
      join ref.instruments as i on i.symbol = u.symbol
      cross join lateral md.list_bars_as_of(u.symbol, p.timeframe, 1000, p_now_at) as b
      join ref.sessions as s on s.exchange_id = i.exchange_id and s.session_on = b.session_on
     where p.run_id = p_run_id
       and b.bar_end_at > p_after_at
     order by b.bar_end_at, b.symbol collate "C";
$function$;

comment on function md.list_new_bars(uuid, timestamptz, timestamptz) is
$$The bars of a run's symbols that closed after p_after_at and by p_now_at, at most a thousand a symbol,
oldest first: what a paper market is shown. ends_session: the bar is the session's last.$$;
